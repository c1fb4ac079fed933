import { listenOption } from '../../../src/cli/listen-option.ts';
import { runOutbox } from '../../support/run-outbox.ts';

test.each([
  ['3010', { host: '127.0.0.1', port: 3010 }],
  ['0', { host: '127.0.0.1', port: 0 }],
  ['0.0.0.0:3010', { host: '0.0.0.0', port: 3010 }],
  ['[::1]:3010', { host: '::1', port: 3010 }],
])('%s is an address to listen at', (text, address) => {
  expect(listenOption(text)).toEqual(address);
});

test.each(['', 'x', '70000', '3010:', 'localhost'])('"%s" is none', (text) => {
  expect(() => listenOption(text)).toThrow('Give a port such as 3010');
});

test('an audit that ends has nobody to listen for', async () => {
  const { code, stderr } = await runOutbox(['audit', '--listen', '3010'], {});
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: '--listen is for an audit that goes on and on. Add --every, such as --every 1m.\n',
  });
});
