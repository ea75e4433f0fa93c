// Lets a data directory and a validator's key be used by one process at a time: abstract Unix sockets, which the kernel frees when their holder dies.
import { statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { sha256Hex } from '../../../crypto/hash.js';
import { NodeError } from '../nodeError.js';

export interface ExclusiveLock {
  release(): Promise<void>;
}

function hold(name: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen(`\0enc-${name}`, () => {
      server.unref();
      resolve(server);
    });
  });
}

/** Throws NodeError 'AlreadyRunning' when another process on this machine holds the directory (whatever its path) or the key. */
export async function acquireExclusiveLock(directory: string, publicKey: string): Promise<ExclusiveLock> {
  const { dev, ino } = statSync(directory);
  const wanted = [
    { name: `dir-${sha256Hex(`${dev}:${ino}`)}`, what: `the data directory ${directory} is in use by another process` },
    { name: `key-${sha256Hex(publicKey)}`, what: `the validator key ${publicKey} is in use by another process (data directory ${directory})` },
  ];
  const held: Server[] = [];
  const release = async () => {
    for (const server of held) await new Promise((resolve) => server.close(resolve));
  };
  for (const { name, what } of wanted) {
    const server = await hold(name);
    if (!server) {
      await release();
      throw new NodeError('AlreadyRunning', `${what}; two would sign conflicting votes and be slashed. Stop the other one first`);
    }
    held.push(server);
  }
  return { release };
}
