-- Applies a batch of one partition, folded to what it leaves behind, once.
-- {'APPLIED', offset}: done, now or before. {'REFOLD', offset}: the batch starts below what is applied; fold the
-- rest of it. {'LOST', offset}: Redis holds less than it had confirmed. {'OTHER', epoch}: another topic's keys.
-- {'FAILED', command, key, reply}: a command failed. Whatever ran before it may run again without harm; the mark
-- and the counters, which may not, are written last and together, and their types are checked first.
--
-- KEYS 1 applied, 2 open, 3 services, 4 counters, 5 alerts, 6 ids, then saved incidents, removed incidents,
--      services' open sets
-- ARGV 1 topic epoch, 2 first offset, 3 last offset, 4 offset known to be applied, 5 'live' or 'restore',
--      6 longest stream, 7 alert channel, 8 where in the key of an incident its id starts,
--      9-13 how many: saved, removed, services, alerts, counters. Then
--      saved:    9 fields each, as pushHash in fold-batch.ts writes them
--      open:     number of arguments, then score, id, …;  closed: number, then id, …;
--      ids:      number, then id, … of the removed
--      services: name, number, score, id, …, number, id, … each
--      alerts:   stream id, payload, severity, service each
--      counters: field, increment each
local APPLIED, OPEN, SERVICES, COUNTERS, ALERTS, IDS = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local epoch, first, last = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local mode, longest, channel, idStart = ARGV[5], ARGV[6], ARGV[7], tonumber(ARGV[8])
local saved, removed, services = tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11])
local alerts, counters = tonumber(ARGV[12]), tonumber(ARGV[13])

local MAX_UNPACKED = 4000 -- Lua's stack takes about 8000; an even number keeps score and member together
local key, arg = 6, 13

local function fail(command, name, reply)
  error({ 'FAILED', command, name, reply }, 0)
end

local function run(command, name, ...)
  local reply = redis.pcall(command, name, ...)
  if type(reply) == 'table' and reply.err then
    fail(command, name, reply.err)
  end
  return reply
end

-- Runs the command with the list of arguments that comes next: its length, then its elements.
local function runWithList(command, name)
  local count = tonumber(ARGV[arg + 1])
  local from, to = arg + 2, arg + 1 + count
  arg = to
  for start = from, to, MAX_UNPACKED do
    run(command, name, unpack(ARGV, start, math.min(start + MAX_UNPACKED - 1, to)))
  end
end

local function saveIncident(name, a)
  local added = run('HSET', name, 'status', ARGV[a + 1], 'severity', ARGV[a + 2], 'service', ARGV[a + 3],
    'component', ARGV[a + 4], 'summary', ARGV[a + 5], 'openedAt', ARGV[a + 6], 'acknowledgedBy', ARGV[a + 7],
    'version', ARGV[a + 8], 'state', ARGV[a + 9])
  if added > 0 then
    run('SADD', IDS, string.sub(name, idStart))
  end
end

local function saveState()
  for _ = 1, saved do
    key = key + 1
    saveIncident(KEYS[key], arg)
    arg = arg + 9
  end
  for _ = 1, removed do
    key = key + 1
    run('UNLINK', KEYS[key])
  end
  runWithList('ZADD', OPEN)
  runWithList('ZREM', OPEN)
  runWithList('SREM', IDS)
  for _ = 1, services do
    key, arg = key + 1, arg + 1
    local service = ARGV[arg]
    runWithList('ZADD', KEYS[key])
    runWithList('ZREM', KEYS[key])
    local open = run('ZCARD', KEYS[key])
    if open > 0 then
      run('ZADD', SERVICES, open, service)
    else
      run('ZREM', SERVICES, service)
    end
  end
end

local function appendAlert(id, payload)
  local reply = redis.pcall('XADD', ALERTS, 'MAXLEN', '~', longest, id, 'alert', payload)
  if type(reply) == 'table' and reply.err and not string.find(reply.err, 'equal or smaller', 1, true) then
    fail('XADD', ALERTS, reply.err)
  end
end

local function appendAlerts()
  for i = 0, alerts - 1 do
    appendAlert(ARGV[arg + i * 4 + 1], ARGV[arg + i * 4 + 2])
  end
  for i = 0, alerts - 1 do
    local a = arg + i * 4
    if mode == 'live' then
      run('PUBLISH', channel, ARGV[a + 2])
      run('PUBLISH', channel .. ':' .. ARGV[a + 3], ARGV[a + 2])
      run('PUBLISH', channel .. ':service:' .. ARGV[a + 4], ARGV[a + 2])
    end
  end
  arg = arg + alerts * 4
end

local function countAndMark()
  for i = 0, counters - 1 do
    run('HINCRBY', COUNTERS, ARGV[arg + i * 2 + 1], ARGV[arg + i * 2 + 2])
  end
  run('HSET', APPLIED, 'offset', ARGV[3])
end

local function checkTypes()
  local expected = { 'hash', 'zset', 'zset', 'hash', 'stream', 'set' }
  for i, want in ipairs(expected) do
    local is = redis.call('TYPE', KEYS[i]).ok
    if is ~= want and is ~= 'none' then
      fail('TYPE', KEYS[i], 'WRONGTYPE it is a ' .. is .. ', not a ' .. want)
    end
  end
end

local function apply()
  checkTypes()
  local held = redis.call('HMGET', APPLIED, 'topicEpoch', 'offset')
  local applied = tonumber(held[2] or -1)
  if held[1] and held[1] ~= epoch then
    return { 'OTHER', held[1] }
  elseif not held[1] or applied < tonumber(ARGV[4]) then
    return { 'LOST', applied }
  elseif applied >= last then
    return { 'APPLIED', applied }
  elseif applied >= first then
    return { 'REFOLD', applied }
  end
  saveState()
  appendAlerts()
  countAndMark()
  return { 'APPLIED', last }
end

local done, answer = pcall(apply)
if done or type(answer) == 'table' and answer[1] then
  return answer
end
return { 'FAILED', 'EVALSHA', APPLIED, type(answer) == 'table' and answer.err or tostring(answer) }
