// The BLS back end in use: the native one where it loads, else the portable one; both give the same bytes.
import { BlsError, type BlsBackend } from './blsBackend.js';
import { loadBlst } from './blsBlst.js';
import { blsNoble } from './blsNoble.js';

export { BlsError, type BlsBackend, type BlsErrorCode } from './blsBackend.js';

/** A back end by name. Throws BlsError 'NoBackend'. */
export function blsBackend(name: BlsBackend['name']): BlsBackend {
  return name === 'noble' ? blsNoble : loadBlst();
}

function choose(): { backend: BlsBackend; fallbackReason?: string } {
  try {
    return { backend: loadBlst() };
  } catch (error) {
    if (!(error instanceof BlsError)) throw error;
    return { backend: blsNoble, fallbackReason: error.message };
  }
}

const chosen = choose();

/** `bls.name` says which back end it is. */
export const bls: BlsBackend = chosen.backend;

/** Why the portable back end is in use; undefined when the native one is. For a program to log at start. */
export const blsFallbackReason: string | undefined = chosen.fallbackReason;
