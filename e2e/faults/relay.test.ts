// The relay passes bytes on, to the next target where one is gone, and does to them what its state says.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../cluster/local/freePorts.js';
import { Relay } from './relay.js';

let echo: Server;
let relay: Relay;
let port: number;
const sockets: Socket[] = [];

async function reach(): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => undefined);
  sockets.push(socket);
  await once(socket, 'connect');
  return socket;
}
const said = async (socket: Socket, text: string): Promise<string> => {
  socket.write(text);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  return answer.toString();
};

beforeEach(async () => {
  echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  port = await freePort();
  relay = await Relay.listen(port, [await freePort(), (echo.address() as AddressInfo).port]);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await relay.close();
  await new Promise((resolve) => echo.close(resolve));
});

describe('the relay', () => {
  it('reaches the next target where one refuses', async () => expect([await said(await reach(), 'one'), await said(await reach(), 'two')]).toEqual(['one', 'two']));

  it('ends connections and takes no new one while cut, and carries them again when open', async () => {
    const before = await reach();
    await said(before, 'there');
    const ended = once(before, 'close');
    relay.set('cut');
    await ended;
    await once(await reach(), 'close');
    relay.set('open');
    expect(await said(await reach(), 'again')).toBe('again');
  });

  it('keeps pieces in order while slow', async () => {
    const socket = await reach();
    relay.set('slow', 5);
    for (const piece of ['a', 'b', 'c']) socket.write(piece);
    let all = '';
    socket.on('data', (piece: Buffer) => (all += piece.toString()));
    await expect.poll(() => all).toBe('abc');
  });

  it('stays connected and silent while half-open, and ends what was silent afterwards', async () => {
    const socket = await reach();
    relay.set('half-open');
    let heard = '';
    socket.on('data', (piece: Buffer) => (heard += piece.toString()));
    const arrived = new Promise((resolve) => echo.once('connection', (target: Socket) => target.once('data', resolve)));
    const another = await reach();
    socket.write('lost');
    another.write('lost');
    await arrived;
    const ended = once(another, 'close');
    relay.set('open');
    await ended;
    expect(heard).toBe('');
    expect(await said(await reach(), 'heard')).toBe('heard');
  });
});
