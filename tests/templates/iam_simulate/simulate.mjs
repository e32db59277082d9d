// Reads {policies: [document], simulations: [Simulation with indices in place of policies]} and writes one answer each:
// {result, ignored, error}. Whether each makes sense at all (action, kind of resource, policy grammar) is checked, too.
import { readFileSync } from "node:fs";
import { runSimulation } from "@cloud-copilot/iam-simulate";

const { policies, simulations } = JSON.parse(readFileSync(0, "utf8"));

async function answer({ principal, action, resource, owner, context, identity, guard }) {
  const simulation = {
    request: { principal, action, resource: { resource, accountId: owner }, contextVariables: context },
    identityPolicies: identity.map((index) => ({ name: `identity ${index}`, policy: policies[index] })),
    resourcePolicy: guard === null ? undefined : policies[guard],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  };
  const outcome = await runSimulation(simulation, { simulationMode: "Strict" });
  if (outcome.resultType === "error") {
    return { error: JSON.stringify(outcome.errors) };
  }
  const parts = outcome.resultType === "single" ? [outcome.result] : outcome.results;
  return { result: outcome.overallResult, ignored: [...new Set(parts.flatMap((one) => one.ignoredContextKeys ?? []))] };
}

const answers = [];
for (const simulation of simulations) {
  answers.push(await answer(simulation));
}
process.stdout.write(JSON.stringify(answers));
