#!/usr/bin/env node
// enc-cluster: the programs of a cluster's own by one name; `enc-cluster agent` commits nodes to the chain, `enc-cluster offer` is the part of it that runs on each node.

const PROGRAMS: Readonly<Record<string, () => Promise<unknown>>> = {
  agent: () => import('../operator/agent/main.js'),
  offer: () => import('../operator/agent/offerMain.js'),
};
const USAGE = `usage: enc-cluster ${Object.keys(PROGRAMS).join('|')} …; enc-cluster agent --help tells its flags`;

const [name = ''] = process.argv.splice(2, 1);
const program = Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name] : undefined;
if (program) await program();
else {
  const asked = name === '--help' || name === '-h';
  process.stderr.write(`${asked || name === '' ? '' : `enc-cluster: there is no ${name}; `}${USAGE}\n`);
  process.exitCode = asked ? 0 : 2;
}
