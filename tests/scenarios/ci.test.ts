import { storiesWithCi } from './with-ci.ts';

storiesWithCi('gitea');
