// Where a node stands: as the settings name it, or as an administrator has labelled it; never as the node says of itself. Pure.
import { PLACE_LABELS } from '../../api/labels.js';
import type { Node } from '../runtime/kubeObject.js';
import { PLACES, type NodePlace } from './config.js';

/** Or why nobody knows, with the cure. */
export function placeOf({ metadata: { name, labels = {} } }: Node, named: ReadonlyMap<string, NodePlace>): NodePlace | string {
  const place = named.get(name);
  if (place) return place;
  const region = labels[PLACE_LABELS.region];
  const label = (value: string) => `kubectl label node ${name} ${PLACE_LABELS.region}=${value}`;
  if (region === undefined) return `nobody has said in which region it stands: ${label(PLACES.join('|'))}`;
  if (!PLACES.includes(region)) return `its label ${PLACE_LABELS.region} is ${JSON.stringify(region)}, none of ${PLACES.join(', ')}: ${label(PLACES[0]!)} --overwrite`;
  return { name, region: region as NodePlace['region'], zone: labels[PLACE_LABELS.zone] ?? '' };
}
