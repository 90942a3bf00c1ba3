-- Shows a snapshot whose incidents have all been saved, then removes what is not in it, some at a time.
-- {'NEXT', cursor}: call again with it. {'DONE'}, or {'SUPERSEDED'} as in save-snapshot.lua.
-- KEYS 1 applied, 2 open, 3 services, 4 ids, 5 next open, 6 next services, 7 next ids
-- ARGV 1 token, 2 'show' or a cursor, 3 state offset, 4 start of incident keys, 5 start of service keys,
--      6 start of next service keys
local APPLIED, OPEN, SERVICES, IDS = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local NEXT_OPEN, NEXT_SERVICES, NEXT_IDS = KEYS[5], KEYS[6], KEYS[7]
local PER_CALL = 500

local function replace(name, by)
  redis.call('UNLINK', name)
  if redis.call('EXISTS', by) == 1 then
    redis.call('RENAME', by, name)
  end
end

local function show()
  for _, service in ipairs(redis.call('ZRANGE', SERVICES, 0, -1)) do
    redis.call('UNLINK', ARGV[5] .. service)
  end
  for _, service in ipairs(redis.call('ZRANGE', NEXT_SERVICES, 0, -1)) do
    replace(ARGV[5] .. service, ARGV[6] .. service)
  end
  replace(OPEN, NEXT_OPEN)
  replace(SERVICES, NEXT_SERVICES)
end

local function removeStale(cursor)
  local reply = redis.call('SSCAN', IDS, cursor, 'COUNT', PER_CALL)
  for _, id in ipairs(reply[2]) do
    if redis.call('SISMEMBER', NEXT_IDS, id) == 0 then
      redis.call('UNLINK', ARGV[4] .. id)
      redis.call('SREM', IDS, id)
    end
  end
  return reply[1]
end

if redis.call('HGET', APPLIED, 'snapshot') ~= ARGV[1] then
  return { 'SUPERSEDED' }
end
if ARGV[2] == 'show' then
  show()
  return { 'NEXT', '0' }
end
local cursor = removeStale(ARGV[2])
if cursor ~= '0' then
  return { 'NEXT', cursor }
end
redis.call('UNLINK', NEXT_IDS)
redis.call('HDEL', APPLIED, 'snapshot', 'snapshotSaved')
redis.call('HSET', APPLIED, 'stateOffset', ARGV[3])
return { 'DONE' }
