import { createStack } from '../../scripts/stack/stack.ts';
import { testStackEnv } from './test-stack.ts';

export default async function globalTeardown(): Promise<void> {
  await createStack({ root: '.stack/test', env: testStackEnv() }).down({ wipe: true });
}
