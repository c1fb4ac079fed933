import { startOwnStack } from './own-stack.ts';

/** One real stack for all tests that need it. */
export default async function globalSetup(): Promise<void> {
  await startOwnStack('test');
}
