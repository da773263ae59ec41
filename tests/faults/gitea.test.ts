import { faultSuite } from './suite.ts';

faultSuite('gitea');
