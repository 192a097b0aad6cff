/**
 * Writes the events that are not there yet, in one step on the server.
 *
 * KEYS: the key to write to, and the sorted set with the names of the latest events. ARGV: the command that writes an event; the
 * most entries to keep, or 0 for no limit; the place before which no event comes again; how long names are kept, in milliseconds; how
 * many texts each event has; then for each event its place, its name, and its texts. Returns the number of events added.
 *
 * The name of an event is kept once it is written, so no error leaves a name without its event. Before anything else, the script adds no
 * name to the names (`ZADD XX` adds none): where it could not keep one, it must not write an event either. A server without memory, a
 * replica, and missing permissions refuse that command, but not a PUBLISH. The server applies its limit of memory only until a
 * script has run its first command that can change something.
 */
export const writeScript = `
local command, most, texts = ARGV[1], ARGV[2], tonumber(ARGV[5])
local added = 0
redis.call('ZADD', KEYS[2], 'XX', 0, '')
for index = 6, #ARGV, texts + 2 do
  local place, name = ARGV[index], ARGV[index + 1]
  if not redis.call('ZSCORE', KEYS[2], name) then
    local words = { command, KEYS[1] }
    if command == 'XADD' then
      if most ~= '0' then
        words[3], words[4], words[5] = 'MAXLEN', '~', most
      end
      words[#words + 1] = '*'
    end
    for offset = 2, texts + 1 do words[#words + 1] = ARGV[index + offset] end
    redis.call(unpack(words))
    redis.call('ZADD', KEYS[2], place, name)
    added = added + 1
  end
end
if most ~= '0' and command == 'RPUSH' then redis.call('LTRIM', KEYS[1], -tonumber(most), -1) end
if most ~= '0' and command == 'LPUSH' then redis.call('LTRIM', KEYS[1], 0, tonumber(most) - 1) end
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[4])
return added
`;
