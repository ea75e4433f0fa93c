// Reads what a pod says about its data from its labels and annotations, refusing what is missing or unknown by name.
import { ANNOTATIONS, CLASSIFICATIONS, LABELS, OPERATION_TYPES, REGIONS } from '../../api/labels.js';
import type { Classification, DataFacts, Violation } from '../types.js';
import { guard } from '../violation.js';
import type { PodLike } from './podLike.js';

const list = (text: string | undefined): string[] => [...new Set((text ?? '').split(',').map((part) => part.trim()).filter(Boolean))].toSorted();

function oneOf(values: Record<string, string>, key: string, allowed: readonly string[], fallback: string | undefined, guards: Violation[]): string {
  const value = values[key] ?? fallback;
  if (value !== undefined && allowed.includes(value)) return value;
  const found = value === undefined ? 'is missing' : `is "${value}"`;
  guards.push(guard(value === undefined ? 'MissingLabel' : 'UnknownLabelValue', `label ${key} ${found}`, `set it to one of ${allowed.join(', ')}, or create the pod through a Workload`));
  return '';
}

const REGULATION = /^[A-Z][A-Z0-9-]{1,31}$/;
const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

function listOf(values: Record<string, string>, key: string, valid: (item: string) => boolean, expected: string, guards: Violation[]): string[] {
  const items = list(values[key]);
  const wrong = items.filter((item) => !valid(item));
  if (wrong.length > 0) guards.push(guard('UnknownAnnotationValue', `annotation ${key} names "${wrong[0]}"`, `write a comma-separated list of ${expected}`));
  return items;
}

/** `data` is null when `guards` say why it cannot be told. */
export function dataFactsFrom({ metadata }: PodLike): { data: DataFacts | null; guards: Violation[] } {
  const labels = metadata?.labels ?? {};
  const annotations = metadata?.annotations ?? {};
  const guards: Violation[] = [];
  const classification = oneOf(labels, LABELS.dataClassification, CLASSIFICATIONS, undefined, guards) as Classification;
  const sourceRegion = oneOf(labels, LABELS.dataRegion, REGIONS, undefined, guards);
  const operationType = oneOf(labels, LABELS.operationType, OPERATION_TYPES, 'Process', guards);
  const destinationRegions = listOf(annotations, ANNOTATIONS.destinationRegions, (region) => (REGIONS as readonly string[]).includes(region), REGIONS.join(', '), guards);
  const regulations = listOf(annotations, ANNOTATIONS.regulations, (name) => REGULATION.test(name), 'regulations as GDPR or PCI-DSS', guards);
  const agreements = listOf(annotations, ANNOTATIONS.agreements, (name) => NAME.test(name), 'names of Agreements', guards);
  return { data: guards.length > 0 ? null : { classification, sourceRegion, destinationRegions, operationType, regulations, agreements }, guards };
}
