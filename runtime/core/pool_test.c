#include "pool.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
test_pool_uses_a_block_again (void **state)
{
    (void) state;
    pool_t *pool;
    pool_new (&pool);
    pool_enter (pool);
    void *first = pool_take (100);
    memset (first, 0xa5, 100);
    pool_give (first);
    assert_ptr_equal (pool_take (70), first);       //  The same class: 65 to 128 with its header
    void *other = pool_take (300);
    assert_ptr_not_equal (other, first);
    assert_int_equal (pool_blocks (pool), 2);
    pool_give (first);
    pool_give (other);
    pool_enter (NULL);
    pool_destroy (&pool);
}

static void
test_pool_leaves_large_blocks_to_malloc (void **state)
{
    (void) state;
    pool_t *pool;
    pool_new (&pool);
    pool_enter (pool);
    void *largest = pool_take (POOL_BLOCK_MAX), *larger = pool_take (POOL_BLOCK_MAX + 1);
    memset (largest, 1, POOL_BLOCK_MAX);
    memset (larger, 1, POOL_BLOCK_MAX + 1);
    assert_int_equal (pool_blocks (pool), 1);
    assert_null (pool_take (SIZE_MAX - 8));
    pool_give (largest);
    pool_give (larger);
    pool_enter (NULL);
    pool_destroy (&pool);
}

//  ---- blocks that another thread lets go of

enum { BLOCKS = 1000, ROUNDS = 200 };

typedef struct {
    void *blocks [BLOCKS];
    pool_t *own;            //  Of the thread that gives; NULL: it has none
} gift_t;

static void *
s_give_all (void *argument)
{
    gift_t *gift = argument;
    pool_enter (gift->own);
    for (size_t i = 0; i < BLOCKS; i++)
        pool_give (gift->blocks [i]);
    pool_enter (NULL);
    return NULL;
}

static void
s_give_elsewhere (gift_t *gift)
{
    pthread_t thread;
    assert_int_equal (pthread_create (&thread, NULL, s_give_all, gift), 0);
    pthread_join (thread, NULL);
}

static void
s_cross (pool_t *own_of_giver)
{
    pool_t *pool;
    pool_new (&pool);
    pool_enter (pool);
    gift_t gift = { .own = own_of_giver };
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < BLOCKS; i++) {
            gift.blocks [i] = pool_take (64 + i % 128);
            memset (gift.blocks [i], round, 64 + i % 128);
        }
        s_give_elsewhere (&gift);
        assert_true (pool_blocks (pool) <= 2 * BLOCKS);     //  Used again, not made anew
    }
    pool_enter (NULL);
    pool_destroy (&pool);
}

static void
test_pool_gets_back_what_a_thread_without_one_gave (void **state)
{
    (void) state;
    s_cross (NULL);
}

static void
test_pool_gets_back_what_a_thread_with_one_gave (void **state)
{
    (void) state;
    pool_t *other;
    pool_new (&other);
    s_cross (other);
    assert_int_equal (pool_blocks (other), 0);
    pool_destroy (&other);
}

static void
test_pool_destroyed_leaves_blocks_whole (void **state)
{
    (void) state;
    pool_t *pool;
    pool_new (&pool);
    pool_enter (pool);
    gift_t gift = { .own = NULL };
    for (size_t i = 0; i < BLOCKS; i++)
        gift.blocks [i] = pool_take (100);
    pool_enter (NULL);
    pool_destroy (&pool);
    for (size_t i = 0; i < BLOCKS; i++)
        memset (gift.blocks [i], 7, 100);
    s_give_elsewhere (&gift);       //  The last one frees the pool: the leak checker looks
}

int
main (void)
{
    const struct CMUnitTest tests [] = {
        cmocka_unit_test (test_pool_uses_a_block_again),
        cmocka_unit_test (test_pool_leaves_large_blocks_to_malloc),
        cmocka_unit_test (test_pool_gets_back_what_a_thread_without_one_gave),
        cmocka_unit_test (test_pool_gets_back_what_a_thread_with_one_gave),
        cmocka_unit_test (test_pool_destroyed_leaves_blocks_whole),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
