import { describe, expect, it } from 'vitest';
import { evaluate } from './evaluate.js';
import { explainVerdict } from './explainVerdict.js';
import { aPolicy, aPolicySet, aRule, aTrafficRule, euOnly, someFacts } from './testing/builders.js';

const linesOf = (...given: Parameters<typeof evaluate>) => explainVerdict(evaluate(...given)).join('\n');

describe('explainVerdict', () => {
  it('tells a refusal: what violated what, the flow\'s light and what was asked', () => {
    const lines = linesOf(aPolicySet({ policies: [euOnly, aPolicy('other', { regions: ['APAC'] })] }), someFacts({ data: { destinationRegions: ['US'] } }));
    for (const line of [
      /^refused, Red, by the policies of height 7$/m,
      /^court: no agreement is required$/m,
      /^violates: BisoPolicy geographic-data-sovereignty\/eu-data-stays-in-eu: .*GDPR Art\. 44.*to cure it, use EU nodes$/m,
      /^flow EU → US: Red \(no TrafficRule permits/m,
      /^may be placed in: EU$/m,
      /^violation: BisoPolicy geographic-data-sovereignty\/eu-data-stays-in-eu: the data is sent to US/m,
      /^rules that do not concern this request: 1$/m,
    ]) expect(lines).toMatch(line);
  });

  it('tells what a Yellow light obliges to, and audits', () => {
    const rules = [aTrafficRule('eu-us', { light: 'Yellow', obligations: [{ type: 'notify', parameters: { to: 'dpo' } }] })];
    const policies = [aPolicy('watch', { violationAction: 'audit', rules: [aRule({ requirement: { regions: ['APAC'] } })] })];
    const lines = linesOf(aPolicySet({ rules, policies }), someFacts({ data: { destinationRegions: ['US'] } }));
    expect(lines).toMatch(/^allowed, Yellow/);
    expect(lines).toMatch(/^audit: BisoPolicy watch\/rule/m);
    expect(lines).toMatch(/^obligation of eu-us: notify to=dpo$/m);
    expect(lines).toMatch(/^pass: TrafficRule eu-us\/EU→US: Yellow$/m);
  });
});
