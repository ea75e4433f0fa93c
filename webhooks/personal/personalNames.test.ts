// One commitment for a person while it is kept, another one after it was erased.
import { describe, expect, it } from 'vitest';
import { personalCommitment, type PersonalOpening } from '../../receipts/personalCommitment.js';
import { PersonalNames } from './personalNames.js';

function makeNames(fails = false) {
  const kept: PersonalOpening[] = [];
  const keep = (opening: PersonalOpening) => (fails ? Promise.reject(new Error('no namespace')) : (kept.push(opening), Promise.resolve()));
  return { kept, names: new PersonalNames({ keep }) };
}

describe('PersonalNames', () => {
  it('keeps one opening for a person, and nothing of programs', async () => {
    const { kept, names } = makeNames();
    const [first, again, program] = await Promise.all([names.standIn('alice', false), names.standIn('alice', false), names.standIn('system:node:a', false)]);
    expect(kept).toHaveLength(1);
    expect([first, again]).toEqual([personalCommitment(kept[0]!), personalCommitment(kept[0]!)]);
    expect(program).toBe('system:node:a');
  });

  it('keeps nothing of a dry run', async () => {
    const { kept, names } = makeNames();
    expect(await names.standIn('alice', true)).toMatch(/^person:/);
    expect(kept).toEqual([]);
  });

  it('takes what another replica made, and gives a new one once it is erased', async () => {
    const { kept, names } = makeNames();
    const other = { name: 'alice', salt: '11'.repeat(32) };
    names.learn(other);
    expect(await names.standIn('alice', false)).toBe(personalCommitment(other));
    names.forget(other);
    expect(await names.standIn('alice', false)).toBe(personalCommitment(kept[0]!));
    expect(kept[0]!.salt).not.toBe(other.salt);
  });

  it('gives none where the opening cannot be kept, and tries again', async () => {
    const { names } = makeNames(true);
    await expect(names.standIn('alice', false)).rejects.toMatchObject({ name: 'NameNotKept', cause: { message: 'no namespace' } });
    await expect(names.standIn('alice', false)).rejects.toMatchObject({ name: 'NameNotKept', cause: { message: 'no namespace' } });
  });
});
