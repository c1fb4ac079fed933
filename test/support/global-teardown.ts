import { stopOwnStack } from './own-stack.ts';

export default async function globalTeardown(): Promise<void> {
  await stopOwnStack();
}
