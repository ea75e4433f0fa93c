// The hash of a pod's spec to which its admission verdict and its placement are bound; operator and webhooks take it alike.
import { sha256OfJson } from '../../crypto/canonicalJson.js';
import { podSpecSubject } from '../../policy/pod/podSpecSubject.js';

/** sha256 of the canonical JSON of the spec without its node, hex. */
export function podSpecHash(pod: Parameters<typeof podSpecSubject>[0]): string {
  return sha256OfJson(podSpecSubject(pod));
}
