// The visit of all states finds what it must find, whoever the faulty validator is.
import { expect, it } from 'vitest';
import { encode, initialState, SOUND, successors, type Rules } from './abstractQbft.js';
import { explore } from './exhaustive.js';

it.each<[string, Partial<Rules>, string]>([
  ['a quorum of two', { quorum: 2 }, 'prepared'],
  ['proposals that prove nothing', { proposalsProved: false }, 'may have been decided'],
  ['round changes that do not tell what was prepared', { preparedTold: false }, 'may have been decided'],
  ['proposals of the lowest prepared round', { highestChosen: false }, 'may have been decided in round 1'],
])('%s: another block is found to be possible', (_name, changes, text) => {
  for (const leads of [[0], [1]]) expect(explore({ ...SOUND, ...changes }, leads).fault?.text).toContain(text);
});

it('tells states apart, but not correct validators', () => {
  const [first, ...others] = successors(initialState(), SOUND, [0]).map(encode);
  expect(new Set([first, ...others]).size).toBe(4);
  const state = initialState();
  const [a, b, c] = state.signers;
  const moved = { ...a!, round: 1, asked: [false, true, false] };
  expect(encode({ ...state, signers: [moved, b!, c!] })).toBe(encode({ ...state, signers: [b!, c!, moved] }));
});
