//  A node a segment; `*` is a child like any other, and a pattern that ends in `>` hangs on the node before it. A match
//  walks at most two children a segment, whatever the number of subscriptions.
#include "trie.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

typedef struct node node_t;
typedef struct {
    subscription_t **items;
    size_t count, capacity;
} list_t;

struct node {
    char *segment;
    node_t **children;          //  Ordered by segment
    size_t child_count, child_capacity;
    node_t *any;                //  `*`
    list_t exact;               //  Patterns that end here
    list_t rest;                //  Patterns that end in `>` behind here
};

struct trie {
    node_t *root;
    size_t count;
};

subscription_t *
subscription_keep (subscription_t *self)
{
    atomic_fetch_add_explicit (&self->references, 1, memory_order_relaxed);
    return self;
}

void
subscription_destroy (subscription_t **self_p)
{
    subscription_t *self = *self_p;
    *self_p = NULL;
    if (!self || atomic_fetch_sub_explicit (&self->references, 1, memory_order_acq_rel) != 1)
        return;
    free (self->pattern);
    free (self);
}

static void
s_list_add (list_t *list, subscription_t *subscription)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 4;
        list->items = realloc (list->items, list->capacity * sizeof *list->items);
        assert (list->items);
    }
    list->items [list->count++] = subscription_keep (subscription);
}

static bool
s_list_remove (list_t *list, subscription_t *subscription)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items [i] == subscription) {
            memmove (list->items + i, list->items + i + 1, (list->count - i - 1) * sizeof *list->items);
            list->count--;
            subscription_destroy (&subscription);
            return true;
        }
    return false;
}

static void
s_list_fini (list_t *list)
{
    for (size_t i = 0; i < list->count; i++)
        subscription_destroy (&list->items [i]);
    free (list->items);
}

static node_t *
s_node_new (const char *segment, size_t size)
{
    node_t *self = zooid_allocate (sizeof *self);
    self->segment = zooid_allocate (size + 1);
    memcpy (self->segment, segment, size);
    return self;
}

static void
s_node_destroy (node_t **self_p)
{
    node_t *self = *self_p;
    *self_p = NULL;
    if (!self)
        return;
    for (size_t i = 0; i < self->child_count; i++)
        s_node_destroy (&self->children [i]);
    s_node_destroy (&self->any);
    s_list_fini (&self->exact);
    s_list_fini (&self->rest);
    free (self->children);
    free (self->segment);
    free (self);
}

void
trie_new (trie_t **self_p)
{
    trie_t *self = zooid_allocate (sizeof *self);
    self->root = s_node_new ("", 0);
    *self_p = self;
}

void
trie_destroy (trie_t **self_p)
{
    if (*self_p) {
        s_node_destroy (&(*self_p)->root);
        free (*self_p);
    }
    *self_p = NULL;
}

//  Where the segment is among the children, or would be.
static size_t
s_find_place (const node_t *self, const char *segment, size_t size, bool *ret_found)
{
    size_t low = 0, high = self->child_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strncmp (self->children [middle]->segment, segment, size);
        if (order == 0 && self->children [middle]->segment [size])
            order = 1;
        if (order == 0) {
            *ret_found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *ret_found = false;
    return low;
}

//  The child for a segment of a pattern, made when it is not there.
static node_t *
s_child (node_t *self, const char *segment, size_t size)
{
    if ((size == 1 && segment [0] == '*') || segment [0] == '{') {
        if (!self->any)
            self->any = s_node_new ("*", 1);
        return self->any;
    }
    bool found;
    size_t place = s_find_place (self, segment, size, &found);
    if (found)
        return self->children [place];
    if (self->child_count == self->child_capacity) {
        self->child_capacity = self->child_capacity ? 2 * self->child_capacity : 4;
        self->children = realloc (self->children, self->child_capacity * sizeof (node_t *));
        assert (self->children);
    }
    memmove (self->children + place + 1, self->children + place, (self->child_count - place) * sizeof (node_t *));
    self->children [place] = s_node_new (segment, size);
    self->child_count++;
    return self->children [place];
}

static list_t *
s_list_of (trie_t *self, const char *pattern)
{
    node_t *node = self->root;
    for (const char *segment = pattern;;) {
        size_t size = strcspn (segment, ".");
        if (size == 1 && segment [0] == '>')
            return &node->rest;
        node = s_child (node, segment, size);
        if (!segment [size])
            return &node->exact;
        segment += size + 1;
    }
}

void
trie_add (trie_t *self, subscription_t *subscription)
{
    s_list_add (s_list_of (self, subscription->pattern), subscription);
    self->count++;
}

static bool
s_is_bare (const node_t *self)
{
    return self->child_count == 0 && !self->any && self->exact.count == 0 && self->rest.count == 0;
}

//  Cut off what is bare on the way to a pattern, from its end.
static void
s_prune (node_t *self, const char *segment)
{
    size_t size = strcspn (segment, "."), place = 0;
    if (size == 1 && segment [0] == '>')
        return;
    bool is_any = (size == 1 && segment [0] == '*') || segment [0] == '{', found = self->any != NULL;
    if (!is_any)
        place = s_find_place (self, segment, size, &found);
    if (!found)
        return;
    node_t **child = is_any ? &self->any : &self->children [place];
    if (segment [size])
        s_prune (*child, segment + size + 1);
    if (!s_is_bare (*child))
        return;
    s_node_destroy (child);
    if (!is_any)
        memmove (self->children + place, self->children + place + 1, (--self->child_count - place) * sizeof (node_t *));
}

void
trie_remove (trie_t *self, subscription_t *subscription)
{
    if (s_list_remove (s_list_of (self, subscription->pattern), subscription))
        self->count--;
    s_prune (self->root, subscription->pattern);
}

bool
trie_is_empty (const trie_t *self)
{
    return self->count == 0;
}

static void
s_tell (const list_t *list, trie_fn *found, void *state)
{
    for (size_t i = 0; i < list->count; i++)
        found (state, list->items [i]);
}

static void
s_match (const node_t *node, const char *segment, trie_fn *found, void *state)
{
    s_tell (&node->rest, found, state);
    size_t size = strcspn (segment, ".");
    bool is_last = !segment [size], exists;
    size_t place = s_find_place (node, segment, size, &exists);
    const node_t *next [] = { exists ? node->children [place] : NULL, node->any };
    for (size_t i = 0; i < 2; i++) {
        if (!next [i])
            continue;
        if (is_last)
            s_tell (&next [i]->exact, found, state);
        else
            s_match (next [i], segment + size + 1, found, state);
    }
}

void
trie_match (const trie_t *self, const char *topic, trie_fn *found, void *state)
{
    s_match (self->root, topic, found, state);
}

static void
s_tell_all (const node_t *node, trie_fn *found, void *state)
{
    s_tell (&node->exact, found, state);
    s_tell (&node->rest, found, state);
    for (size_t i = 0; i < node->child_count; i++)
        s_tell_all (node->children [i], found, state);
    if (node->any)
        s_tell_all (node->any, found, state);
}

void
trie_each (const trie_t *self, trie_fn *found, void *state)
{
    s_tell_all (self->root, found, state);
}
