-- Applies a batch of one partition, folded to what it leaves behind, once.
-- {'APPLIED', offset}: done, now or before. {'REFOLD', offset, state offset}: the batch starts below what is applied,
-- or was folded for another state offset: fold the rest of it. {'NEWER', id, …}: a snapshot has brought later versions
-- of these: fold without them. {'LOST', offset}: Redis holds less than it had confirmed. {'HALFWAY'}: a snapshot was
-- begun and not finished. {'OTHER', epoch}: another topic's keys.
-- {'FAILED', command, key, reply}: a command failed. Whatever ran before it may run again without harm; the mark
-- and the counters, which may not, are written last and together, and their types are checked first.
--
-- KEYS 1 applied, 2 open, 3 services, 4 counters, 5 alerts, 6 ids, then as in save-state.lua
-- ARGV 1 topic epoch, 2 first offset, 3 last offset, 4 offset known to be applied, 5 state offset folded for,
--      6 'live' or 'restore', 7 longest stream, 8 alert channel, 9 where in the key of an incident its id starts,
--      10-14 how many: saved, removed, services, alerts, counters. Then as in save-state.lua, then
--      alerts:   stream id, payload, severity, service each
--      counters: field, increment each
local APPLIED, OPEN, SERVICES, COUNTERS, ALERTS, IDS = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local epoch, first, last = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local mode, longest, channel, idStart = ARGV[6], ARGV[7], ARGV[8], tonumber(ARGV[9])
local saved, removed, services = tonumber(ARGV[10]), tonumber(ARGV[11]), tonumber(ARGV[12])
local alerts, counters = tonumber(ARGV[13]), tonumber(ARGV[14])
key, arg = 6, 14

local function newerOnes()
  local newer = { 'NEWER' }
  for i = 1, saved + removed do
    local versionAt = i <= saved and arg + i * FIELDS - 1 or arg + saved * FIELDS + i - saved
    local held = run('HGET', KEYS[key + i], 'version')
    if held and tonumber(held) > tonumber(ARGV[versionAt]) then
      newer[#newer + 1] = string.sub(KEYS[key + i], idStart)
    end
  end
  return newer
end

local function saveState()
  local added = saveIncidents(saved, idStart)
  runWith('SADD', IDS, added, 1, #added)
  for _ = 1, removed do
    key, arg = key + 1, arg + 1
    run('UNLINK', KEYS[key])
  end
  runWithList('ZADD', OPEN)
  runWithList('ZREM', OPEN)
  runWithList('SREM', IDS)
  saveServices(services, SERVICES)
end

local function appendAlert(id, payload)
  local reply = redis.pcall('XADD', ALERTS, 'MAXLEN', '~', longest, id, 'alert', payload)
  if type(reply) == 'table' and reply.err and not string.find(reply.err, 'equal or smaller', 1, true) then
    fail('XADD', ALERTS, reply.err)
  end
end

-- `announced`: up to this offset all were published before the partition was told to rebuild.
local function appendAlerts(announced)
  for i = 0, alerts - 1 do
    appendAlert(ARGV[arg + i * 4 + 1], ARGV[arg + i * 4 + 2])
  end
  for i = 0, alerts - 1 do
    local a = arg + i * 4
    local isNews = first > announced or tonumber(string.match(ARGV[a + 1], '%d+$')) > announced
    if mode == 'live' and isNews then
      run('PUBLISH', channel, ARGV[a + 2])
      run('PUBLISH', channel .. ':' .. ARGV[a + 3], ARGV[a + 2])
      run('PUBLISH', channel .. ':service:' .. ARGV[a + 4], ARGV[a + 2])
    end
  end
  arg = arg + alerts * 4
end

local function countAndMark(announced)
  for i = 0, counters - 1 do
    run('HINCRBY', COUNTERS, ARGV[arg + i * 2 + 1], ARGV[arg + i * 2 + 2])
  end
  run('HSET', APPLIED, 'offset', ARGV[3])
  if announced >= 0 and last >= announced then
    run('HDEL', APPLIED, 'rebuildTo')
  end
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
  local held = redis.call('HMGET', APPLIED, 'topicEpoch', 'offset', 'stateOffset', 'snapshot', 'rebuildTo')
  local applied, stateOffset, announced = tonumber(held[2] or -1), held[3], tonumber(held[5] or -1)
  if held[1] and held[1] ~= epoch then
    return { 'OTHER', held[1] }
  elseif not held[1] or applied < tonumber(ARGV[4]) then
    return { 'LOST', applied }
  elseif held[4] then
    return { 'HALFWAY' }
  elseif applied >= last then
    return { 'APPLIED', applied }
  elseif applied >= first or (stateOffset or '-1') ~= ARGV[5] then
    return { 'REFOLD', applied, stateOffset or '-1' }
  end
  local newer = stateOffset and newerOnes() or {}
  if #newer > 1 then
    return newer
  end
  saveState()
  appendAlerts(announced)
  countAndMark(announced)
  return { 'APPLIED', last }
end

return attempt(apply)
