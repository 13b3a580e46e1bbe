"""The scripts of the dead letters: each is one atomic step in the broker.

    dead ──replay──▶ the stage's stream (the original fields, under a new id)
      │       └────▶ replayed (the letter as it was) + replays (who, when, new id) + origins
      └──drop──▶ nothing but a sum

A replay publishes, keeps and removes in one step, so a crash before it changes nothing and one
after it can't repeat it: the letter is then among the replayed. All keys share a hash tag
(shared.streams). The scripts that write are flagged `allow-oom`: with the broker's memory full an
operator must still be able to put back and to drop. Needs Redis or Valkey 7.0.
"""

# KEYS dead or replayed · ARGV from, to, most, 1 for newest first, 1 for all fields · returns per
# entry: id, how many fields, how many bytes, then names and values in turn (only the first two
# pairs unless all are asked for: a letter may be megabytes, and a list needs its head alone). A
# page ends early after 8 MiB of fields. Entries are read one by one, so that the broker never
# holds a page of monsters at once.
PAGE = """#!lua flags=no-writes
local MOST_BYTES = 8 * 1024 * 1024
local command, from, to = 'XRANGE', ARGV[1], ARGV[2]
if ARGV[4] == '1' then
  command, from, to = 'XREVRANGE', to, from
end
local page, total = {}, 0
while #page < tonumber(ARGV[3]) and total < MOST_BYTES do
  local row = redis.call(command, KEYS[1], from, to, 'COUNT', 1)[1]
  if not row then
    break
  end
  local fields, bytes = row[2], 0
  for _, part in ipairs(fields) do
    bytes = bytes + #part
  end
  local shown = fields
  if ARGV[5] == '1' then
    total = total + bytes
  else
    shown = {fields[1], fields[2], fields[3], fields[4]}
  end
  page[#page + 1] = {row[1], #fields / 2, bytes, shown}
  from = '(' .. row[1]
end
return page
"""

# KEYS dead, replayed, replays, origins · ARGV id of a letter · returns its fields (none: nobody
# knows it), and its replays as JSON, one a line.
READ = """#!lua flags=no-writes
local found = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])[1]
local known = redis.call('HGET', KEYS[3], ARGV[1])
if found or not known then
  return {found and found[2] or {}, ''}
end
local place, lines = string.match(known, '^([^\\n]*)\\n?(.*)$')
local kept = redis.call('XRANGE', KEYS[2], place, place)[1]
local fields = {}
for n = 3, kept and #kept[2] or 0 do
  fields[n - 2] = kept[2][n]
end
return {fields, lines}
"""

# KEYS dead, replayed, replays, origins, sums, streams of the stages · ARGV how many replayed letters to
# keep, 1 to replay again, token of this call, time, user, host, then per letter: id, number of its
# stream among KEYS (0: unknown stage), name of its sum · returns per letter a word and a detail:
#   replayed, new id · already, id of the last replay · missing · empty (there are no bytes to put
#   back) · stage (unknown) · large (more values than Lua hands to one call) · refused, the error
# Everything that may be refused comes before the first lasting change of a letter; the keys' types
# are looked at before that, because a script is not rolled back. The token makes a call that is
# sent twice (its answer was lost) do its work once.
REPLAY = """#!lua flags=allow-oom
local MOST_VALUES = 7900
local kinds = {'stream', 'stream', 'hash', 'hash', 'hash'}
for n, kind in ipairs(kinds) do
  local found = redis.call('TYPE', KEYS[n]).ok
  if found ~= 'none' and found ~= kind then
    return redis.error_reply('WRONGTYPE ' .. KEYS[n] .. ' is not a ' .. kind)
  end
end

local function unpacked(text)
  local parts, at = {}, 1
  while at <= #text do
    local colon = string.find(text, ':', at, true)
    local length = tonumber(string.sub(text, at, colon - 1))
    parts[#parts + 1] = string.sub(text, colon + 1, colon + length)
    at = colon + length + 1
  end
  return parts
end

local function original(fields, from)
  if #fields == from + 1 and fields[from] == 'topicwire.packed' then
    return unpacked(fields[from + 1])
  end
  local own = {}
  for n = from, #fields do
    own[#own + 1] = fields[n]
  end
  return own
end

local function forget(place, letter)
  for line in string.gmatch(redis.call('HGET', KEYS[3], letter) or '', '[^\\n]+') do
    if string.sub(line, 1, 1) == '{' then
      local record = cjson.decode(line)
      redis.call('HDEL', KEYS[4], record.stream .. ' ' .. record.entry_id)
    end
  end
  redis.call('HDEL', KEYS[3], letter)
  redis.call('XDEL', KEYS[2], place)
end

local function replay(id, number, sum)
  local found = redis.call('XRANGE', KEYS[1], id, id)[1]
  local known = redis.call('HGET', KEYS[3], id)
  local fields, from = found and found[2], 3
  if not found then
    if not known then
      return {'missing', ''}
    end
    local last = cjson.decode(string.match(known, '([^\\n]+)$'))
    if last.token == ARGV[3] then
      return {'replayed', last.entry_id}
    end
    if ARGV[2] ~= '1' then
      return {'already', last.entry_id}
    end
    local place = string.match(known, '^[^\\n]+')
    local kept = redis.call('XRANGE', KEYS[2], place, place)[1]
    if not kept then
      return {'missing', ''}
    end
    fields, from = kept[2], 5
  end
  if number == 0 then
    return {'stage', ''}
  end
  local own = original(fields, from)
  if #own == 0 then
    return {'empty', ''}
  end
  if #own > MOST_VALUES then
    return {'large', tostring(#own / 2)}
  end
  local made = redis.pcall('XADD', KEYS[number], '*', unpack(own))
  if type(made) == 'table' then
    return {'refused', made.err}
  end
  local record = cjson.encode({
    stream = KEYS[number], entry_id = made, at = ARGV[4], by = ARGV[5], host = ARGV[6],
    token = ARGV[3],
  })
  if found then
    local place = redis.call('XADD', KEYS[2], '*', 'topicwire.letter', id, unpack(fields))
    redis.call('HSET', KEYS[3], id, place .. '\\n' .. record)
    redis.call('XDEL', KEYS[1], id)
    redis.call('HINCRBY', KEYS[5], sum, 1)
  else
    redis.call('HSET', KEYS[3], id, known .. '\\n' .. record)
  end
  redis.call('HSET', KEYS[4], KEYS[number] .. ' ' .. made, id)
  return {'replayed', made}
end

local told = {}
for n = 7, #ARGV, 3 do
  told[#told + 1] = replay(ARGV[n], tonumber(ARGV[n + 1]), ARGV[n + 2])
end
local over = redis.call('XLEN', KEYS[2]) - tonumber(ARGV[1])
if over > 0 then
  for _, row in ipairs(redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', over)) do
    forget(row[1], row[2][2])
  end
end
return told
"""

# KEYS dead, replayed, replays, origins, sums · ARGV per letter: id, name of its sum · returns
# per letter 1 if it was dead, 2 if it was a replayed one (which is not counted), 0 if unknown.
DROP = """#!lua flags=allow-oom
local told = {}
for n = 1, #ARGV, 2 do
  local letter, known = ARGV[n], redis.call('HGET', KEYS[3], ARGV[n])
  local gone = redis.call('XDEL', KEYS[1], letter)
  if gone == 1 then
    redis.pcall('HINCRBY', KEYS[5], ARGV[n + 1], 1) -- a spoilt sum must not stop the work
  elseif known then
    for line in string.gmatch(known, '[^\\n]+') do
      if string.sub(line, 1, 1) == '{' then
        local record = cjson.decode(line)
        redis.call('HDEL', KEYS[4], record.stream .. ' ' .. record.entry_id)
      else
        redis.call('XDEL', KEYS[2], line)
      end
    end
    redis.call('HDEL', KEYS[3], letter)
    gone = 2
  end
  told[#told + 1] = gone
end
return told
"""
