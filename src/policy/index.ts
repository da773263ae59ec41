export { decide, type DecideInput, type StepLess } from './decide.ts';
export { breaker, type History } from './heal-limits.ts';
export { isLevel, type Level, sameAccount } from './levels.ts';
export { boundsFor, ruleFor, type TargetFacts } from './match.ts';
export { type Policies, readPolicies, type Rule } from './read.ts';
export { policyFile } from './schema.ts';
