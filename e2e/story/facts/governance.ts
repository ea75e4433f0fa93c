// A Proposal, signed by its proposer and voted on by validators, changes a parameter of the economy after its timelock (agreement 5.2).
import path from 'node:path';
import type { Proposal } from '../../../api/index.js';
import { accepted, type StoryObject } from '../clusterAccess.js';
import type { Fact, LocalStory } from '../fact.js';
import { receiptOf, waitForResource } from '../resources.js';
import { signObject } from '../signedObject.js';

const NAME = 'storage-fee';
const AGREED = 10;
const TIMEOUT_MS = 120_000;
/** Otherwise than it should. */
const ENDED = ['Rejected', 'Failed', 'Annulled', 'Refused'];

export async function parameterChangesAfterItsTimelock(story: LocalStory): Promise<Fact> {
  const { layout, client, access } = story;
  const inForce = async (minHeight: number) => (await client.getState<{ receiptStorageFee?: number }>('parameters', { minHeight })).value?.receiptStorageFee ?? AGREED;
  await access.remove('Proposal', NAME);
  const before = await inForce(client.head().height);
  const proposal = story.example('80-storage-fee-proposal.yaml') as StoryObject & Proposal;
  proposal.spec.content.economicParameter!.changes = { receiptStorageFee: before + 1 };
  const voters = Array.from({ length: Math.max(1, story.validatorSet.validators.length - 1) }, (_, i) => path.join(layout.mainnetDir, `validator-${i}`, 'validator.key'));
  const signed = await signObject(story, proposal, [
    ['proposal', 'sign', '--key', layout.keyFile('bank')],
    ...voters.map((key) => ['proposal', 'vote', 'approve', '--key', key]),
  ]);
  await accepted(access.apply(signed));
  const reaches = async (...states: string[]) => {
    const found = await waitForResource(access, ['Proposal', NAME], ({ status }) => [...states, ...ENDED].includes(status?.state ?? ''), TIMEOUT_MS);
    if (!states.includes(found.status!.state!)) throw new Error(`proposal ${NAME} is ${found.status!.state}: ${(found.status as { outcome?: string }).outcome}`);
    return found;
  };
  const passed = await reaches('Passed', 'Executed');
  const during = passed.status?.state === 'Passed' ? await inForce(passed.status.latestReceipt!.height) : before;
  const executed = await reaches('Executed');
  const status = executed.status as NonNullable<Proposal['status']>;
  const receipt = await story.certified(receiptOf(executed));
  const after = await inForce(receipt.height);
  const waited = (Date.parse(status.executesAt!) - Date.parse(status.closesAt!)) / 1_000;
  return {
    title: 'A Proposal, voted on by the validators, changes a fee after its timelock',
    command: `kubectl enc proposal sign examples/80-storage-fee-proposal.yaml --key bank.key …; kubectl enc proposal vote … approve --key validator.key; kubectl apply -f …`,
    holds: during === before && after === before + 1 && status.approve! >= status.needed! && waited >= 3,
    verdict: `${status.state}, ${status.approve} of ${story.validatorSet.validators.length} approve, ${status.needed} needed`,
    reason: `${status.outcome}; the vote ran its seven days and the timelock its three (${waited} s: on this trial network a day is a second), and ${before} µBPI stood until then`,
    receipt,
  };
}
