// Region lists as rules use them: an absent or empty list, or one that names Global, means any region.

import { REGIONS } from '../api/labels.js';

const GLOBAL = 'Global';

export const anyRegion = (list: readonly string[] | undefined): boolean => !list || list.length === 0 || list.includes(GLOBAL);

export const coversRegion = (list: readonly string[] | undefined, region: string): boolean => anyRegion(list) || list!.includes(region);

/** Whether a rule that restricts, and speaks of the regions in `list`, concerns `region`: what is in every region (Global) is everybody's concern. */
export const concernsRegion = (list: readonly string[] | undefined, region: string): boolean => region === GLOBAL || coversRegion(list, region);

/** The regions that must each be permitted where `region` is: for Global every one, and Global itself for what lies outside them all. */
export const expandRegion = (region: string): readonly string[] => (region === GLOBAL ? REGIONS : [region]);

/** Intersection of two restrictions, null meaning unrestricted; sorted, so that verdicts are equal on every machine. */
export function narrow(current: readonly string[] | null, list: readonly string[] | undefined): string[] | null {
  if (anyRegion(list)) return current === null ? null : [...current];
  return (current === null ? [...list!] : current.filter((region) => list!.includes(region))).toSorted();
}
