// Every example, as the story in a pod applies it: valid, of the story's own names, about its namespace alone, and gone with it.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Resource, Workload } from '../../../api/index.js';
import { validateResource } from '../../../api/validate/validateResource.js';
import { checkout } from '../../stack/layout.js';
import type { StoryObject } from '../clusterAccess.js';
import { adapted, type Adaptation } from './adapted.js';

const here: Adaptation = {
  namespace: { name: 'mainnet-test', uid: 'the-uid' },
  home: 'EU',
  container: { image: 'registry.example/mainnet:1', command: ['/usr/bin/node'] },
  validators: { endpoints: ['http://validator-0:21001'], finalityThreshold: 67 },
  clusterId: '6f1c2a34-9b1d-4c55-8f0e-2d7b6a5c4e32',
  agreement: { validFrom: '2026-01-01T00:00:00Z', validUntil: '2026-01-01T00:01:00Z' },
};
const folder = path.join(checkout, 'examples');
const example = (file: string) => parse(readFileSync(path.join(folder, file), 'utf8')) as StoryObject;
const files = readdirSync(folder).filter((file) => /^[1-7]/.test(file));
const clusterWide = files.filter((file) => example(file).kind !== 'Workload');
const CLUSTER_WIDE_NAMES = [...clusterWide.map((file) => example(file).metadata.name)];

describe('an example in a cluster that others use', () => {
  it.each(files)('%s stays valid, wherever home is', (file) => {
    for (const home of ['EU', 'US', 'APAC']) expect(validateResource(adapted(example(file), { ...here, home }) as unknown as Resource)).toEqual([]);
  });

  it.each(clusterWide)('%s has a name of the story, and goes with its namespace', (file) => {
    const { metadata } = adapted(example(file), here);
    expect(metadata.name).toBe(`mainnet-test-${example(file).metadata.name}`);
    expect(metadata.ownerReferences).toEqual([{ apiVersion: 'v1', kind: 'Namespace', name: 'mainnet-test', uid: 'the-uid' }]);
  });

  it.each(files)('%s names nothing of anybody else, and concerns no other namespace', (file) => {
    const text = JSON.stringify(adapted(example(file), here).spec);
    for (const name of CLUSTER_WIDE_NAMES) expect(text).not.toContain(`"${name}"`);
    const { kind, spec } = adapted(example(file), here) as unknown as { kind: string; spec: { rules?: { match: object }[]; source?: object; enforcedNamespaceSelector?: object } };
    const own = { matchLabels: { 'kubernetes.io/metadata.name': 'mainnet-test' } };
    if (kind === 'BisoPolicy') for (const rule of spec.rules!) expect(rule.match).toMatchObject({ namespaceSelector: own });
    if (kind === 'TrafficRule') expect(spec.source).toMatchObject({ namespaceSelector: own });
    if (kind === 'EncCluster') expect(spec.enforcedNamespaceSelector).toEqual(own);
  });

  it('runs the given image in the given namespace, on any node', () => {
    const { metadata, spec } = adapted(example('50-eu-payments.yaml'), here) as unknown as Workload;
    expect(metadata.namespace).toBe('mainnet-test');
    expect(spec).toMatchObject({ clusterRef: 'mainnet-test-eu-cluster', agreementRefs: ['mainnet-test-payments-agreement'] });
    const pod = spec.template.spec as unknown as { nodeSelector: object; containers: object[] };
    expect([pod.nodeSelector, pod.containers[0]]).toEqual([{}, expect.objectContaining(here.container)]);
  });

  it('changes home and the EU, so that data from home goes abroad as it did', () => {
    const spec = (file: string, home: string) => adapted(example(file), { ...here, home }).spec;
    expect(spec('60-us-export.yaml', 'US')).toMatchObject({ dataRegion: 'US', template: { spec: { nodeSelector: { 'topology.kubernetes.io/region': 'EU' } } } });
    expect(spec('32-restricted-to-us.yaml', 'US')).toMatchObject({ destination: { regions: ['EU'] } });
    expect(spec('60-us-export.yaml', 'APAC')).toMatchObject({ dataRegion: 'APAC', template: { spec: { nodeSelector: { 'topology.kubernetes.io/region': 'US' } } } });
  });

  it('is a version of the agreement that the chain has not seen, valid as long as it is told', () => {
    expect(adapted(example('40-payments-agreement.yaml'), here).spec).toMatchObject({ agreementId: `payments-processing-${here.clusterId}`, terms: here.agreement });
  });
});
