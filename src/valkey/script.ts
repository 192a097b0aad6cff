/**
 * Observes one event in runs of sightings, as `observe` of src/detection/new-terms/observe.ts does, in one step on the server.
 *
 * KEYS: where the answer to the event is kept, then what to observe. ARGV: the event's time, the window, the disorder, how long
 * entries are kept after this, the most runs of an entry, how long an answer is kept; all in milliseconds but the number of runs.
 *
 * An entry is the first and last times of its runs, oldest first, with commas. The answer has a line for each key: 1 if it is new
 * and 0 if not, the end of the run before or "-", and the entry. An answer with something new is kept, so that the same event
 * gets it again. Times are whole milliseconds, which doubles hold exactly; "%.0f" writes all of their digits.
 */
export const observeScript = `
local answered = redis.call('GET', KEYS[1])
if answered then return answered end
local at, window, disorder = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local most = 2 * tonumber(ARGV[5])
local lines, news = {}, false
for index = 2, #KEYS do
  local ends, isNew, previous = {}, true, '-'
  for text in string.gmatch(redis.call('GET', KEYS[index]) or '', '[^,]+') do ends[#ends + 1] = tonumber(text) end
  local first, last, before, after = at, at, {}, {}
  for run = 1, #ends, 2 do
    local from, to = ends[run], ends[run + 1]
    if from - disorder <= at and at <= to + window then isNew = false end
    if to < at then previous = string.format('%.0f', to) end
    if from - window <= at and at <= to + window then
      first, last = math.min(first, from), math.max(last, to)
    else
      local list = to < at and before or after
      list[#list + 1] = from
      list[#list + 1] = to
    end
  end
  before[#before + 1] = first
  before[#before + 1] = last
  for _, time in ipairs(after) do before[#before + 1] = time end
  local texts = {}
  for place = math.max(1, #before - most + 1), #before do texts[#texts + 1] = string.format('%.0f', before[place]) end
  local entry = table.concat(texts, ',')
  redis.call('SET', KEYS[index], entry, 'PX', ARGV[4])
  news = news or isNew
  lines[#lines + 1] = (isNew and '1 ' or '0 ') .. previous .. ' ' .. entry
end
local answer = table.concat(lines, '\\n')
if news then redis.call('SET', KEYS[1], answer, 'PX', ARGV[6]) end
return answer
`;
