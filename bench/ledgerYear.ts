// Simulates a year of a cluster and prints its end as JSON: node dist/bench/ledgerYear.js HOURS NODES SEED. Two processes must print the same roots.
import { simulateYear } from '../chain/ledger/testing/yearSimulation.js';

const [hours = 8_760, nodes = 100, seed = 1] = process.argv.slice(2).map(Number);
process.stdout.write(`${JSON.stringify(simulateYear({ hours, nodes, seed }))}\n`);
