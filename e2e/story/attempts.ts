// Tells a fact again that came too late: while programs are killed a vote or a ballot may miss its second, and then it is no vote.
import type { Fact } from './fact.js';

/** Longer than the window in which an offence is punished once, which is fourteen days of a second here. */
const AGAIN_AFTER_MS = 16_000;

/** The first that holds, or what the last attempt came to. */
export async function attempted(attempts: number, once: () => Promise<Fact>): Promise<Fact> {
  for (let left = attempts - 1; left > 0; left--) {
    const fact = await once().catch((error: unknown) => {
      console.log(`to be told again: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    });
    if (fact?.holds) return fact;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
  }
  return once();
}
