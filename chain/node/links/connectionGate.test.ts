// Handshakes are limited in all and per address, and room comes back with each that ends.
import { expect, it } from 'vitest';
import { ConnectionGate } from './connectionGate.js';

it('admits up to its limits and again after a release', () => {
  const gate = new ConnectionGate(3, 2);
  expect(['a', 'a', 'a', 'b', 'c'].map((address) => gate.admit(address))).toEqual([true, true, false, true, false]);
  gate.release('a');
  gate.release('never seen');
  expect(['c', 'a'].map((address) => gate.admit(address))).toEqual([true, false]);
});
