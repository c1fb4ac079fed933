import { startTcpProxy } from '../support/tcp-proxy.ts';
import type { ProxyMode, TcpProxy } from '../support/tcp-proxy.ts';

/**
 * Between customers and the order service. Each instance has a proxy of its own, so that what a customer keeps open leads to whom he
 * asked: one for all would tear off what an instance that is being replaced still has to answer.
 */
export interface ClientNetwork extends Pick<TcpProxy, 'lostAnswers' | 'become' | 'close'> {
  /** The address through the network of an instance at this one. */
  through(url: string): Promise<string>;
}

export function createClientNetwork(): ClientNetwork {
  const opening = new Map<string, Promise<TcpProxy>>();
  const proxies: TcpProxy[] = [];
  let mode: ProxyMode = 'pass';
  const open = async (port: string): Promise<TcpProxy> => {
    const proxy = await startTcpProxy(Number(port));
    proxy.become(mode);
    proxies.push(proxy);
    return proxy;
  };
  return {
    async through(url) {
      const { port } = new URL(url);
      const proxy = opening.get(port) ?? open(port);
      opening.set(port, proxy);
      return `http://127.0.0.1:${(await proxy).port}`;
    },
    get lostAnswers() {
      return proxies.reduce((sum, proxy) => sum + proxy.lostAnswers, 0);
    },
    become(next) {
      mode = next;
      for (const proxy of proxies) proxy.become(next);
    },
    async close() {
      await Promise.all(proxies.map((proxy) => proxy.close()));
    },
  };
}
