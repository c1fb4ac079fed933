import { startOrdersOverHttp } from './orders/orders-over-http.ts';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
test('x', async () => {
  const o = await startOrdersOverHttp();
  const { stdout } = await promisify(execFile)(process.execPath, ['/tmp/fz/raw.mjs', new URL(o.url).port]);
  console.log(stdout);
  await o.stop();
});
