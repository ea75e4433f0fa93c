// A kubectl that asks again while nobody could decide: what a person does when a webhook or a validator is just being restarted.
import type { Kubectl } from '../stack/kubectl.js';

const NOBODY_DECIDED = /failed calling webhook|validators could not be asked|no quorum could be asked|has not read the policies|connection refused|the object has been modified/;
const PATIENCE_MS = 60_000;
const AGAIN_AFTER_MS = 500;

export function patient(kubectl: Kubectl): Kubectl {
  return async (arguments_, input) => {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const result = await kubectl(arguments_, input);
      if (result.code === 0 || !NOBODY_DECIDED.test(result.stderr) || Date.now() > deadline) return result;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
    }
  };
}
