-- Posts the example of the README, and prints one line for run.py at the end.
-- Times in microseconds; refused counts answers with a status of 400 or more.

wrk.method = "POST"
wrk.body = '{"recency": 15, "frequency": 2, "monetary": 350.75}'
wrk.headers["Content-Type"] = "application/json"

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format(
      'figures {"requests": %d, "duration_us": %d, "p50_us": %d, "p99_us": %d, "broken": %d, "refused": %d}\n',
      summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
      errors.connect + errors.read + errors.write + errors.timeout, errors.status))
end
