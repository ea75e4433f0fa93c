// The last fact under an agreement: its time is over, and nothing more comes in under it.
import type { Fact, StoryContext } from '../fact.js';
import { receiptIdIn, waitForResource } from '../resources.js';
import { handMadePod } from './bypasses.js';

/** `withinMs`: until when it must have ended. */
export async function endedAgreementLetsNothingIn(story: StoryContext, withinMs: number): Promise<Fact> {
  const { access, named, namespace } = story;
  const agreement = named('payments-agreement');
  const ended = await waitForResource(access, ['Agreement', agreement], ({ status }) => status?.state === 'Expired', withinMs);
  const { accepted: admitted, said } = await access.create(handMadePod(story, 'too-late', {}));
  return {
    title: 'An Agreement whose time is over: nothing more is placed under it',
    command: `kubectl create -f -   # a pod under ${agreement} in ${namespace}`,
    holds: !admitted && said.includes(`agreement ${agreement} is not in force`),
    verdict: admitted ? `${ended.status!.state}, admitted` : `${ended.status!.state}, refused`,
    reason: said,
    receipt: await story.certified(receiptIdIn(said)),
  };
}
