// helm test: tells the story in a pod, one line for each fact, and leaves nothing behind; exits 1 when a fact does not hold.
import { CommanderError } from 'commander';
import { isUntold, type Told } from '../fact.js';
import { tellShortly } from '../tell.js';
import { readInClusterOptions, type InClusterOptions } from './config.js';
import { openInCluster } from './open.js';
import { forgetStory, tellInCluster } from './tellInCluster.js';

const failed = (told: Told) => (isUntold(told) ? !told.leftOut : !told.holds);

async function main(options: InClusterOptions): Promise<boolean> {
  const story = await openInCluster(options);
  const agreementMs = options.agreementSeconds * 1_000;
  try {
    // What a telling that was broken off left.
    await forgetStory(story, agreementMs);
    if (story.home !== 'EU') console.log(`    no committed node is in the EU; the examples' EU is ${story.home} here`);
    const facts = await tellInCluster(story, agreementMs, (number, fact) => console.log(tellShortly(number, fact)));
    const [wrong, left] = [facts.filter(failed), facts.filter((told) => isUntold(told) && told.leftOut)];
    console.log(`${facts.length - wrong.length - left.length} of ${facts.length} facts hold, ${wrong.length} do not, ${left.length} could not be told here`);
    return wrong.length === 0;
  } finally {
    await forgetStory(story, agreementMs).then(
      () => console.log('    nothing of it is left'),
      (error: Error) => {
        console.log(`    something of it is left, and goes with namespace ${options.namespace}: ${error.message}`);
        process.exitCode = 1;
      },
    );
    await story.close();
  }
}

try {
  if (!(await main(readInClusterOptions(process.argv.slice(2))))) process.exitCode = 1;
} catch (error) {
  if (!(error instanceof CommanderError)) console.error(`story: ${(error as Error).message}`);
  process.exitCode = error instanceof CommanderError ? 2 : 1;
}
