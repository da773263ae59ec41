/** What an alert is about. Only some families have a diagnoser; the others are named and reported. */
export type Family = string;

export interface KnownRule {
  family: Family;
  asks: 'grow' | 'shrink';
}

const grow = (family: Family, ...names: string[]): [string, KnownRule][] =>
  names.map((name) => [name, { family, asks: 'grow' }]);
const shrink = (family: Family, ...names: string[]): [string, KnownRule][] =>
  names.map((name) => [name, { family, asks: 'shrink' }]);

/**
 * The rules that the field ships, by alert name: awesome-prometheus-alerts, node-mixin, postgres-mixin, pgMonitor,
 * Pulse's and the examples' own. A Map, so that an alert called `constructor` finds nothing.
 */
export const knownRules: ReadonlyMap<string, KnownRule> = new Map([
  ...grow('memory', 'PveHighMemoryUsage', 'LxcMemoryHigh', 'VmMemoryHigh', 'GuestMemoryHigh', 'HostOutOfMemory'),
  ...grow('memory', 'HostOomKillDetected', 'HostSwapIsFillingUp', 'HostMemoryUnderMemoryPressure'),
  ...grow('memory', 'NodeMemoryHighUtilization', 'NodeMemoryMajorPagesFaults', 'ContainerHighMemoryUsage'),
  ...shrink('memory', 'HostMemoryIsUnderutilized', 'ContainerLowMemoryUsage'),
  ...grow('cpu', 'PveHighCpuUsage', 'LxcCpuHigh', 'VmCpuHigh', 'HostHighCpuLoad', 'NodeCPUHighUsage'),
  ...grow('cpu', 'ContainerHighCpuUtilization', 'ContainerHighThrottleRate'),
  ...shrink('cpu', 'HostCpuIsUnderutilized', 'ContainerLowCpuUtilization'),
  ...grow('disk', 'HostOutOfDiskSpace', 'HostDiskMayFillIn24Hours', 'HostOutOfInodes', 'HostInodesMayFillIn24Hours'),
  ...grow('disk', 'NodeFilesystemSpaceFillingUp', 'NodeFilesystemAlmostOutOfSpace', 'DiskFillPredict'),
  ...grow('storage', 'PveStorageFillingUp', 'PveStorageAlmostFull'),
  ...grow('guest-down', 'PveVm/ctDown', 'PveVmDown', 'PveCtDown'),
  ...grow('node', 'PveNodeDown'),
  ...grow('cluster', 'PveClusterNotQuorate'),
  ...grow('replication', 'PveReplicationFailed'),
  ...grow('service', 'HostSystemdServiceCrashed', 'NodeSystemdServiceFailed', 'NodeSystemdServiceCrashlooping'),
  ...grow('service', 'SystemdServiceCrashLooping', 'SystemdTimerMissedTrigger'),
  ...grow('container', 'ContainerKilled'),
  ...grow('hardware', 'SmartStatus', 'SmartMediaErrors', 'SmartWearoutIndicator', 'ZfsOfflinePool'),
  ...grow('hardware', 'HostSoftwareRaidDiskFailure', 'NodeRAIDDegraded'),
  ...grow('postgres', 'PostgresqlDown', 'PostgresqlTooManyConnections', 'PostgresqlDeadLocks'),
  ...grow(
    'postgres',
    'PostgresqlTooManyDeadTuples',
    'PostgresqlBloatIndexHigh(>80%)',
    'PostgresqlBloatTableHigh(>80%)',
  ),
  ...grow('postgres', 'PostgresqlReplicationLag', 'PostgresqlUnusedReplicationSlot', 'PostgresqlTableNotAutoVacuumed'),
  ...grow('postgres', 'PostgresqlTooManyLocksAcquired', 'PostgresqlHighRollbackRate', 'PostgresqlInvalidIndex'),
  ...grow('postgres', 'PostgresqlConfigurationChanged', 'PostgreSQLMaxConnectionsReached', 'PostgreSQLHighConnections'),
  ...grow('postgres', 'PostgreSQLSlowQueries', 'PostgresTablesNotVaccumed', 'PGIdleTxn', 'PGQueryTime', 'PGConnPerc'),
  ...grow('postgres', 'PGReplicationByteLag', 'PGXIDWraparound', 'PGEmergencyVacuum'),
  ...grow(
    'backup',
    'PveGuestNotBackedUp',
    'ProxmoxBackupSnapshotOutdated',
    'ResticCheckFailed',
    'ResticOutdatedBackup',
  ),
  ...grow('certificate', 'BlackboxSslCertificateWillExpireSoon', 'BlackboxSslCertificateExpired'),
  ...grow(
    'prometheus',
    'PrometheusConfigurationReloadFailure',
    'PrometheusBadConfig',
    'PrometheusRuleEvaluationFailures',
  ),
  ...grow('prometheus', 'PrometheusAlertmanagerConfigurationReloadFailure', 'AlertmanagerFailedReload'),
  ...grow('prometheus', 'BlackboxConfigurationReloadFailure', 'PrometheusTargetMissing', 'PrometheusTargetSyncFailure'),
]);

/** Names of the alert that always fires: its absence is the fault, so it never becomes anything but a heartbeat. */
export const deadManNames = /^watchdog$|dead[-_ ]?man/i;
