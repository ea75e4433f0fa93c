// Another network with another chain of the same name: what a liar could forge at best.
import { FakeChain } from './fakeChain.js';

export const strangersChain = new FakeChain(4, 7);
for (let i = 0; i < 5; i++) strangersChain.commit({ key: 'forged' });

/** What its validators would answer to /v1/state. */
export function strangersState(key: string): Record<string, unknown> {
  const { header, certificate, records, tree } = strangersChain.snapshots.at(-1)!;
  return { key, value: records.get(key) ?? null, proof: tree.prove(key), header, certificate };
}
