export {
  type PrometheusAnswer,
  prometheusClient,
  type PrometheusClient,
  type PrometheusClientOptions,
  type PrometheusSeries,
} from './client.ts';
export { type Matcher, selector } from './promql.ts';
