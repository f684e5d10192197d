-- Posts the example and looks at every answer: 200 with the whole body, or 503
-- that says when to come again. Prints one line for load.py at the end.

wrk.method = "POST"
wrk.body = '{"recency": 15, "frequency": 2, "monetary": 350.75}'
wrk.headers["Content-Type"] = "application/json"

local expected = '{"segment_name":"New Customers","cluster_label":2}'
local threads = {}

function setup(thread)
   table.insert(threads, thread)
end

function init()
   ok, busy, wrong, last_wrong = 0, 0, 0, 0
end

function response(status, headers, body)
   if status == 200 and body == expected then
      ok = ok + 1
   elseif status == 503 and headers["retry-after"] then
      busy = busy + 1
   else
      wrong, last_wrong = wrong + 1, status
   end
end

function done(summary, latency)
   local sums = {ok = 0, busy = 0, wrong = 0, last_wrong = 0}
   for _, thread in ipairs(threads) do
      for name in pairs(sums) do
         sums[name] = sums[name] + thread:get(name)
      end
   end
   local errors = summary.errors
   io.write(string.format(
      'figures {"ok": %d, "busy": %d, "wrong": %d, "last_wrong": %d, "p50_us": %d, "p99_us": %d, '
      .. '"not_connected": %d, "broken": %d, "timed_out": %d}\n',
      sums.ok, sums.busy, sums.wrong, sums.last_wrong, latency:percentile(50), latency:percentile(99),
      errors.connect, errors.read + errors.write, errors.timeout))
end
