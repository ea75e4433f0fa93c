// Erasing takes every opening of one person, and nobody else's.
import { describe, expect, it } from 'vitest';
import { personalCommitment } from '../../receipts/personalCommitment.js';
import { erase, whois } from './erasureCommands.js';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const salts = ['11', '22', '33'].map((byte) => byte.repeat(32));
const commitmentOf = (name: string, salt: string) => personalCommitment({ name, salt });

function makeCluster() {
  const secrets = new Map(
    [['person-a', 'alice', salts[0]!], ['person-b', 'bob', salts[1]!], ['person-c', 'alice', salts[2]!], ['broken', 'eve', 'no salt']].map(([secret, name, salt]) => [
      secret!,
      { metadata: { name: secret! }, data: { name: base64(name!), salt: base64(salt!) } },
    ]),
  );
  return {
    secrets,
    cluster: {
      get: <T>() => Promise.resolve({ items: [...secrets.values()] } as T),
      remove: (path: string) => Promise.resolve(void secrets.delete(path.split('/').at(-1)!)),
    },
  };
}

describe('erase and whois', () => {
  it('opens a commitment until its name is erased', async () => {
    const { cluster, secrets } = makeCluster();
    const [first, second] = [commitmentOf('alice', salts[0]!), commitmentOf('alice', salts[2]!)];
    expect(await whois(cluster, first)).toBe('alice');
    const told = await erase(cluster, 'alice');
    expect(told.filter((line) => line.startsWith('erased'))).toEqual([expect.stringContaining(first), expect.stringContaining(second)]);
    expect([...secrets.keys()]).toEqual(['person-b', 'broken']);
    await expect(whois(cluster, first)).rejects.toThrow(/cannot be opened: it was erased/);
    expect(await whois(cluster, commitmentOf('bob', salts[1]!))).toBe('bob');
  });

  it.each([
    ['a name that nobody has', () => erase(makeCluster().cluster, 'carol'), /no receipt names "carol"/],
    ['what is no commitment', () => whois(makeCluster().cluster, 'alice'), /"alice" is no commitment/],
  ])('says so of %s', async (_what, ask, says) => {
    await expect(ask()).rejects.toThrow(says);
  });
});
