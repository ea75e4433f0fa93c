// Waits for what the story's resources come to say in their status.
import { waitFor } from '../stack/waitFor.js';
import type { ClusterAccess, StoryKind } from './clusterAccess.js';

export interface EncResource {
  metadata: { name: string; namespace?: string; uid: string };
  spec: Record<string, unknown>;
  status?: {
    state?: string;
    observedGeneration?: number;
    phase?: string;
    light?: string;
    message?: string;
    hash?: string;
    latestReceipt?: { id: string; height: number };
    conditions?: { type: string; status: string; reason: string; message: string }[];
    decisions?: { pod: string; uid: string; node: string; height: number; receiptId: string }[];
  };
}

const says = ({ status }: EncResource) =>
  [status?.state ?? status?.phase ?? 'no state', status?.message, ...(status?.conditions ?? []).filter(({ status: s }) => s !== 'True').map(({ reason, message }) => `${reason}: ${message}`)].filter(Boolean).join('; ');

/** Waits until `until` holds for the object; the error says what its status said last. */
export async function waitForResource(access: ClusterAccess, [kind, name]: [StoryKind, string], until: (object: EncResource) => boolean, timeoutMs = 60_000): Promise<EncResource> {
  let last: EncResource | undefined;
  return waitFor(
    `${kind} ${name}`,
    async () => {
      last = await access.get<EncResource>(kind, name);
      return last && until(last) ? last : undefined;
    },
    { timeoutMs, everyMs: 250, seen: () => (last ? `last seen: ${says(last)}` : 'it does not exist') },
  );
}

export const receiptOf = (object: EncResource): string => {
  const id = object.status?.latestReceipt?.id;
  if (!id) throw new Error(`${object.metadata.name} has no status.latestReceipt`);
  return id;
};

/** The receipt id that a refusal or a warning names. */
export function receiptIdIn(text: string): string {
  const id = /receipt ([0-9a-f]{64})/.exec(text)?.[1];
  if (!id) throw new Error(`no receipt id in: ${text.trim()}`);
  return id;
}
