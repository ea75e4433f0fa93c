// Faults from outside: a clock that jumps, an expired certificate, garbage on every open port.
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../../stack/waitFor.js';
import { VALIDATORS, validatorName } from '../bed.js';
import type { Fault, FaultContext } from '../fault.js';

/** Debian's package libfaketime. */
const FAKETIME = ['/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1', '/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1', '/usr/lib/faketime/libfaketime.so.1'].find((file) => existsSync(file));
const JUMP_SECONDS = 3_600;
const JUMPED_MS = 4_000;
const CONNECTIONS = 10_000;
const AT_ONCE = 100;
const ANSWER_MS = 300;
const EXPIRED_MS = 12_000;

async function jump({ bed, random }: FaultContext): Promise<string> {
  const validator = random(VALIDATORS);
  const name = validatorName(validator);
  const clock = path.join(bed.stateDir, 'clock');
  writeFileSync(clock, '+0');
  await bed.keeper.hold(name);
  // Only the wall clock jumps: a machine's monotonic clock does not.
  bed.keeper.release(name, { LD_PRELOAD: FAKETIME!, FAKETIME_TIMESTAMP_FILE: clock, FAKETIME_DONT_FAKE_MONOTONIC: '1', DONT_FAKE_MONOTONIC: '1', FAKETIME_CACHE_DURATION: '1' });
  try {
    await bed.ready();
    for (const offset of [`+${JUMP_SECONDS}`, `-${JUMP_SECONDS}`, '+0']) {
      writeFileSync(clock, offset);
      await sleep(JUMPED_MS);
    }
  } finally {
    await bed.keeper.hold(name);
    bed.keeper.release(name);
  }
  return `validator ${validator}, an hour ahead, an hour behind, and right again while it ran`;
}

/** One connection that says something no program understands, or nothing. */
function garbage(port: number, content: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const timer = setTimeout(() => socket.destroy(), ANSWER_MS);
    socket.once('connect', () => socket.write(content));
    socket.on('data', () => socket.destroy());
    socket.on('error', () => undefined);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function nonsense(turn: number): Uint8Array {
  const kinds = [
    () => randomBytes(64),
    () => Buffer.from('GET / HTTP/1.1\r\nHost'),
    () => Buffer.concat([Buffer.from([0x16, 0x03, 0x01, 0xff, 0xff]), randomBytes(200)]),
    () => Buffer.from(`POST /v1/transactions HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n{"transactions":`),
    () => Buffer.from([0]),
  ];
  return kinds[turn % kinds.length]!();
}

export const outsideFaults: Fault[] = [
  { kind: 'clock jumps', impossible: () => (FAKETIME ? undefined : 'libfaketime is not installed'), inject: jump },
  {
    kind: 'webhook certificate expired',
    async inject({ bed, load }) {
      await bed.expiredCertificate();
      try {
        await sleep(EXPIRED_MS);
      } finally {
        await bed.certify(new Date());
      }
      const began = performance.now();
      await waitFor('an answer under the new certificate', () => load.createPod(), { timeoutMs: 60_000 });
      return `refused while it was; answers again ${Math.round(performance.now() - began)} ms after another was there`;
    },
  },
  {
    kind: `${CONNECTIONS} garbage connections`,
    async inject({ bed }) {
      const ports = bed.openPorts();
      const began = performance.now();
      let turn = 0;
      const worker = async () => {
        for (let mine = turn++; mine < CONNECTIONS; mine = turn++) await garbage(ports[mine % ports.length]!, nonsense(Math.floor(mine / ports.length)));
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
      return `to ${ports.length} ports, ${AT_ONCE} at a time, in ${((performance.now() - began) / 1_000).toFixed(1)} s`;
    },
  },
];
