import { rmSync } from 'node:fs';
import { checkout } from '../../scripts/stack/stack.ts';
import { stackValue, testStack } from './test-stack.ts';

export default async function globalTeardown(): Promise<void> {
  await testStack().down({ wipe: true });
  rmSync(`${checkout}${stackValue('TEST_STACK_ROOT')}`, { recursive: true, force: true });
}
