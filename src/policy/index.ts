export { decide, type DecideInput, type StepLess } from './decide.ts';
export { breaker, type History } from './heal-limits.ts';
export { countsAuthor, isLevel, isTeam, type Level, sameAccount } from './levels.ts';
export { boundsFor, ruleFor, type TargetFacts } from './match.ts';
export { type Policies, readPolicies, type Rule } from './read.ts';
export { policyFile } from './schema.ts';
export { countedPeople, covers, noTeams, type Teams, teamsIn } from './teams.ts';
export { missingKinds, type ProposedRules, rulesForMissing } from './missing.ts';
