// Which of the operator's replicas holds the lease, told by its metrics.
import { waitFor } from '../stack/waitFor.js';
import { OPERATORS, type Bed } from './bed.js';

export function leadingOperator(bed: Bed): Promise<string> {
  return waitFor('an operator to lead', async () => {
    for (const name of OPERATORS) {
      const metrics = await fetch(`http://127.0.0.1:${bed.metricsPort(name)}/metrics`, { signal: AbortSignal.timeout(1_000) }).then((answer) => answer.text(), () => '');
      if (/^\w*leader(\{[^}]*\})? 1$/m.test(metrics)) return name;
    }
    return undefined;
  }, { timeoutMs: 30_000 });
}
