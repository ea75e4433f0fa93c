// Proposals and Disputes are signed file by file, wherever the keys are; what comes out is what the ledger takes.
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Dispute, Proposal } from '../../api/index.js';
import { sample } from '../../api/testing/samples.js';
import { disputeSignatureErrors } from '../../chain/client/disputeObject.js';
import { writeKeyFile } from '../../chain/client/keyFile.js';
import { proposalSignatureErrors } from '../../chain/client/proposalObject.js';
import { testGenesis } from '../../chain/ledger/testing/testGenesis.js';
import { generateEd25519 } from '../../crypto/ed25519.js';
import { addDisputeCommands } from './disputeCommands.js';
import { addProposalCommands } from './proposalCommands.js';
import { runEnc } from './testing/runEnc.js';
import { temporaryFolder } from './testing/temporaryFolder.js';

const genesis = testGenesis();
const { proposer: _p, serial: _s, signature: _g, ...proposal } = { ...sample('Proposal').spec, votes: [] };
const { claimant: _c, serial: _t, signature: _h, ...dispute } = { ...sample('Dispute').spec, filings: [], appeals: [] };

function prepared() {
  const folder = temporaryFolder({
    'genesis.json': genesis,
    'proposal.yaml': `# kept comment\n${stringify({ ...sample('Proposal'), spec: proposal })}`,
    'dispute.yaml': stringify({ ...sample('Dispute'), spec: dispute }),
    'testimony.yaml': stringify({ type: 'testimony', text: 'it was not' }),
    'bad.yaml': stringify({ ...sample('Proposal'), spec: { ...proposal, content: {} } }),
  });
  const at = (name: string) => path.join(folder, name);
  for (const name of ['first', 'second']) writeKeyFile(at(name), generateEd25519());
  return at;
}

describe('kubectl enc proposal', () => {
  const run = (...flags: string[]) => runEnc(addProposalCommands, ['proposal', ...flags]);

  it('signs, then takes votes, each validator’s last', async () => {
    const at = prepared();
    const common = ['--genesis', at('genesis.json')];
    expect((await run('sign', at('proposal.yaml'), '--key', at('first'), '-o', at('1.yaml'), ...common)).text).toMatch(/proposes [0-9a-f]{64}\n/);
    await run('vote', at('1.yaml'), 'approve', '--key', at('first'), '-o', at('2.yaml'), ...common);
    await run('vote', at('2.yaml'), 'reject', '--key', at('first'), '-o', at('3.yaml'), ...common);
    const { text } = await run('vote', at('3.yaml'), 'approve', '--key', at('second'), ...common);
    const { spec } = parse(text) as Proposal;
    expect(text).toMatch(/^# kept comment/);
    expect(spec.votes.map(({ approve }) => approve)).toEqual([false, true]);
    expect(proposalSignatureErrors(genesis.chainId, spec)).toEqual([]);
    expect(proposalSignatureErrors('another-chain', spec)).toHaveLength(3);
    expect(proposalSignatureErrors(genesis.chainId, { ...spec, title: 'other' })).toHaveLength(3);
    expect(proposalSignatureErrors(genesis.chainId, { ...spec, votes: [{ ...spec.votes[0]!, approve: true }] }).map(({ path: of }) => of)).toEqual(['spec.votes[0].signature']);
  });

  it.each([
    ['a vote on a draft', ['vote', 'proposal.yaml', 'approve'], /nobody has signed it/],
    ['a proposal of nothing', ['sign', 'bad.yaml'], /spec\.content/],
    ['another kind', ['sign', 'dispute.yaml'], /kind is "Dispute", expected a Proposal/],
    ['a vote that is neither', ['vote', 'proposal.yaml', 'maybe'], /approve or reject/],
  ])('refuses %s', async (_what, [command, file, ...rest], says) => {
    const at = prepared();
    expect(await run(command!, at(file!), ...rest, '--key', at('first'), '--genesis', at('genesis.json'))).toMatchObject({ exitCode: 2, text: expect.stringMatching(says) as string });
  });
});

describe('kubectl enc dispute', () => {
  const run = (...flags: string[]) => runEnc(addDisputeCommands, ['dispute', ...flags]);

  it('signs, then takes evidence and appeals', async () => {
    const at = prepared();
    const common = ['--genesis', at('genesis.json')];
    expect((await run('sign', at('dispute.yaml'), '--key', at('first'), '-o', at('1.yaml'), ...common)).text).toMatch(/opens case [0-9a-f]{64}\n/);
    await run('file', at('1.yaml'), at('testimony.yaml'), '--key', at('second'), '-o', at('2.yaml'), ...common);
    const { text } = await run('sign-appeal', at('2.yaml'), '--grounds', 'it erred', '--key', at('second'), ...common);
    const { spec } = parse(text) as Dispute;
    expect([spec.filings.length, spec.appeals.length]).toEqual([1, 1]);
    expect(disputeSignatureErrors(genesis.chainId, spec)).toEqual([]);
    expect(disputeSignatureErrors(genesis.chainId, { ...spec, amount: '251 BPI' })).toHaveLength(3);
  });

  it('refuses evidence for a draft', async () => {
    const at = prepared();
    expect(await run('file', at('dispute.yaml'), at('testimony.yaml'), '--key', at('first'), '--genesis', at('genesis.json'))).toMatchObject({ exitCode: 2, text: expect.stringMatching(/nobody has signed it/) as string });
  });
});
