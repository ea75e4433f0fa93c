// A validator contradicts itself and loses stake; it goes to court with a Dispute, a drawn panel upholds it, and the stake comes back (agreement 4.3, 9).
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { formatAmount } from '../../../api/amounts.js';
import type { Dispute } from '../../../api/index.js';
import { signingInput } from '../../../chain/consensus/signing.js';
import type { Payload, Signed } from '../../../chain/consensus/types.js';
import type { SlashRecord } from '../../../chain/economyTypes.js';
import { stateKeys, type AccountRecord } from '../../../chain/types.js';
import { signEd25519 } from '../../../crypto/ed25519.js';
import { toHex } from '../../../crypto/encoding.js';
import { caseIdOf } from '../../../chain/client/disputeObject.js';
import { loadKeyFile } from '../../../chain/client/keyFile.js';
import { Arbitrators, sendAs } from '../arbitrators.js';
import { accepted, type StoryObject } from '../clusterAccess.js';
import type { Fact, LocalStory } from '../fact.js';
import { receiptOf, waitForResource } from '../resources.js';
import { signObject } from '../signedObject.js';

const NAME = 'slash-appeal';
const TIMEOUT_MS = 120_000;

/** Two votes of the last validator for one height and round, made here with its key: what a copied disk would do. */
function doubleVote({ chainId, validatorSet }: LocalStory, keyFile: string, height: number): { first: Signed; second: Signed } {
  const { ed25519 } = JSON.parse(readFileSync(keyFile, 'utf8')) as { ed25519: { privateKey: string } };
  const from = validatorSet.validators.length - 1;
  const vote = (): Signed => {
    const payload: Payload = { type: 'prepare', height, round: 0, digest: toHex(randomBytes(32)) };
    return { from, payload, signature: toHex(signEd25519(ed25519.privateKey, signingInput(chainId, payload))) };
  };
  return { first: vote(), second: vote() };
}

export async function slashIsReversed(story: LocalStory): Promise<Fact> {
  const { layout, client, genesis, access } = story;
  const validator = story.validatorSet.validators.at(-1)!;
  const keyFile = path.join(layout.mainnetDir, `validator-${story.validatorSet.validators.length - 1}`, 'validator.key');
  /** In a state that knows what had happened by that height. */
  const read = async <T>(key: string, minHeight: number) => (await client.getState<T>(key, { minHeight })).value!;
  const stakeAt = async (height: number) => (await read<AccountRecord>(stateKeys.account(validator.ed25519PublicKey), height)).stake;
  const arbitrators = new Arbitrators(layout, genesis, client);
  await arbitrators.register();
  await access.remove('Dispute', NAME);

  const { height } = client.head();
  const before = await stakeAt(height);
  const bank = { endpoints: layout.endpoints, genesis, key: loadKeyFile(layout.keyFile('bank')) };
  const reported = await sendAs(bank, 'evidence.report', doubleVote(story, keyFile, height));
  const { slash } = reported.details as { slash: string | null };
  if (slash === null) throw new Error(`${validator.address} was punished for this a moment ago, and is not twice within the window: ${reported.reason}`);
  const held = await read<SlashRecord>(`slash/${slash}`, reported.height);
  const between = await stakeAt(reported.height);

  const dispute = story.example('81-slash-appeal.yaml') as StoryObject & Dispute;
  dispute.spec.subject = `slash/${slash}`;
  const signed = await signObject(story, dispute, [['dispute', 'sign', '--key', keyFile]]);
  await accepted(access.apply(signed));
  // Its id follows from what was signed: ballots are due within seconds, however late the object's status tells of the case.
  const caseId = caseIdOf(genesis.chainId, signed.spec)!;
  await arbitrators.sitOn(caseId, true, TIMEOUT_MS);
  const closed = await waitForResource(access, ['Dispute', NAME], ({ status }) => status?.state === 'Closed', TIMEOUT_MS);
  const receipt = await story.certified(receiptOf(closed));
  const ended = await read<SlashRecord>(`slash/${slash}`, receipt.height);
  const after = await stakeAt(receipt.height);
  return {
    title: 'A validator signs two votes at one height and loses 5 % of its stake; the court hears it and gives it back',
    command: `kubectl enc dispute sign examples/81-slash-appeal.yaml --key validator.key …; kubectl apply -f …`,
    holds: held.percent === 5 && between === before - held.amount && ended.state === 'Reversed' && after === before && (closed.status as { decision?: string }).decision === 'Upheld',
    verdict: `${(closed.status as { decision?: string }).decision}, ${ended.state}`,
    reason: `every validator checked the two signatures, ${formatAmount(held.amount)} of ${validator.address} were held (slash ${slash}); ${(closed.status as { decisions?: string[] }).decisions?.join('; ')}; stake ${formatAmount(before)} → ${formatAmount(between)} → ${formatAmount(after)}`,
    receipt,
  };
}
