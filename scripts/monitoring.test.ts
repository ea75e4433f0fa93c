// What the chart's alerts and dashboard ask for is what the programs count: no alert waits for a metric or a label value that never comes.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { NodeMetrics } from '../chain/node/metrics.js';
import { createMetrics as operatorMetrics } from '../operator/runtime/metrics.js';
import { createMetrics as webhookMetrics } from '../webhooks/metrics.js';

const chart = (...file: string[]) => readFileSync(path.join('charts/mainnet', ...file), 'utf8');
const rules = chart('templates', 'monitoring.yaml');
const asked = rules + chart('files', 'dashboard.json');
const counted = new Set([new NodeMetrics(() => undefined as never), operatorMetrics(), webhookMetrics()].flatMap(({ registry }) => registry.getMetricsAsArray().map(({ name }) => name)));

describe('monitoring', () => {
  it('asks only for what is counted', () => {
    const names = [...asked.matchAll(/\b(?:bpci|enc)_[a-z_]+/g)].map(([name]) => name.replace(/_bucket$/, ''));
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !counted.has(name))).toEqual([]);
  });

  it('asks for decisions that the webhooks give', () => {
    const decisions = [...asked.matchAll(/decision="([a-z-]+)"/g)].map(([, decision]) => decision!);
    const given = readFileSync('webhooks/answer.ts', 'utf8').match(/decision: ('[a-z-]+'(?: \| '[a-z-]+')*);/)![1]!;
    expect(decisions.length).toBeGreaterThan(0);
    for (const decision of decisions) expect(given).toContain(`'${decision}'`);
  });

  it('has a page for each alert, and an alert for no other', () => {
    const pages = [...rules.matchAll(/runbooks \}\}\/([a-z-]+)\.md/g)].map(([, page]) => page!);
    expect(pages).toHaveLength([...rules.matchAll(/- alert: /g)].length);
    const written = readdirSync('docs/operations/runbooks').map((file) => file.replace(/\.md$/, ''));
    expect(pages.filter((page) => !written.includes(page))).toEqual([]);
  });
});
