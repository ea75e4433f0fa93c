// Lets one process of this machine at a time do something; the kernel lets go when the holder dies, so no stale lock is ever left.
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../provider.js';

/** An abstract unix socket (unix(7)) is a name that only one process can hold and that vanishes with it. */
function hold(name: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen({ path: `\0enc-cluster-${createHash('sha256').update(name).digest('hex').slice(0, 32)}` }, () => resolve(server));
  });
}

export async function exclusively<T>(name: string, log: Log, work: () => Promise<T>): Promise<T> {
  let server = await hold(name);
  if (!server) log(`another process works on ${name}; waiting for it`);
  while (!server) {
    await sleep(250);
    server = await hold(name);
  }
  server.unref();
  try {
    return await work();
  } finally {
    const held = server;
    await new Promise<void>((resolve) => held.close(() => resolve()));
  }
}
