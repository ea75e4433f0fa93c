// Which image each program of the mainnet runs, and which of them were seen running two at once: what a rolling replacement is.
import { setTimeout as sleep } from 'node:timers/promises';
import { getJson, type Kubectl } from '../stack/kubectl.js';
import { NAMESPACE, RELEASE } from './chart.js';

const LOOK_EVERY_MS = 1_000;

interface Pod {
  metadata: { labels: Record<string, string> };
  status: { containerStatuses?: { ready: boolean; imageID: string }[] };
}

/** Component → digests of the images that its ready containers run. */
export async function runningImages(kubectl: Kubectl): Promise<Map<string, Set<string>>> {
  const { items } = (await getJson<{ items: Pod[] }>(kubectl, ['pods', '-n', NAMESPACE, '-l', `app.kubernetes.io/instance=${RELEASE}`, '--field-selector=status.phase=Running']))!;
  const images = new Map<string, Set<string>>();
  for (const { metadata, status } of items) {
    const component = metadata.labels['app.kubernetes.io/component']!;
    const ready = (status.containerStatuses ?? []).filter((container) => container.ready).map(({ imageID }) => imageID);
    images.set(component, new Set([...(images.get(component) ?? []), ...ready]));
  }
  return images;
}

/** Names of the components of which two versions ran side by side at some moment of `work`. */
export async function mixedDuring(kubectl: Kubectl, work: () => Promise<void>): Promise<Set<string>> {
  const mixed = new Set<string>();
  let over = false;
  const watching = (async () => {
    while (!over) {
      // A look that fails sees nothing.
      const seen = await runningImages(kubectl).catch(() => new Map<string, Set<string>>());
      for (const [component, images] of seen) if (images.size > 1) mixed.add(component);
      await sleep(LOOK_EVERY_MS);
    }
  })();
  await work().finally(() => (over = true));
  await watching;
  return mixed;
}
