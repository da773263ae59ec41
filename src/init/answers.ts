/** What a new infrastructure repository is made from. Tokens are never among it. */
export interface Answers {
  cluster: {
    name: string;
    /** `https://pve1.home.lan:8006` */
    endpoint: string;
    /** How its certificate is known: the text of the root CA, or the SHA-256 of the certificate. One of both. */
    ca?: string;
    fingerprint?: string;
    /** Labels `instance` or `job` of what watches it; the endpoint's host where none is said. */
    exporters: readonly string[];
  };
  /** Forge accounts whose approval counts. One alone approves their own changes. */
  people: readonly string[];
  /** `app`: id of a GitHub App, in place of a token. */
  forge: { kind: 'local' } | { kind: 'github' | 'gitea'; url?: string; repository: string; app?: string };
  /** Who plans and applies: processes of gitmend's own, or jobs of the forge by the workflows of the template. */
  runner: 'builtin' | 'ci';
  prometheus?: string;
  alertmanager?: string;
}

/** Names of the variables that the template's gitmend.yaml reads. */
export const variables = {
  read: 'GITMEND_PVE_READ',
  write: 'GITMEND_PVE_WRITE',
  github: 'GITMEND_GITHUB_TOKEN',
  githubApp: 'GITMEND_GITHUB_APP_KEY',
  gitea: 'GITMEND_GITEA_TOKEN',
  webhook: 'GITMEND_WEBHOOK_SECRET',
  door: 'GITMEND_ALERT_TOKEN',
} as const;
