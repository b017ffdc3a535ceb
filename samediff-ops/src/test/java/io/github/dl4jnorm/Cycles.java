package io.github.dl4jnorm;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The strongly connected components of a graph that have more than one node (Tarjan 1972). */
final class Cycles {
    private final Map<String, Set<String>> graph;
    private final Map<String, Integer> index = new HashMap<>();
    private final Map<String, Integer> low = new HashMap<>();
    private final Deque<String> stack = new ArrayDeque<>();
    private final Map<String, Set<String>> components = new TreeMap<>();

    private Cycles(Map<String, Set<String>> graph) {
        this.graph = graph;
    }

    /**
     * All cycles.
     *
     * @param graph for each node those it has an arrow to
     * @return sets of nodes that can all reach each other, ordered by their first nodes
     */
    static List<Set<String>> of(Map<String, Set<String>> graph) {
        Cycles cycles = new Cycles(graph);
        for (String node : graph.keySet()) {
            if (!cycles.index.containsKey(node)) {
                cycles.visit(node);
            }
        }
        return new ArrayList<>(cycles.components.values());
    }

    private void visit(String node) {
        int number = index.size();
        index.put(node, number);
        low.put(node, number);
        stack.push(node);
        for (String next : graph.getOrDefault(node, Set.of())) {
            if (!index.containsKey(next)) {
                visit(next);
                low.merge(node, low.get(next), Math::min);
            } else if (stack.contains(next)) {
                low.merge(node, index.get(next), Math::min);
            }
        }
        if (low.get(node) == number) {
            TreeSet<String> component = new TreeSet<>();
            String member;
            do {
                member = stack.pop();
                component.add(member);
            } while (!member.equals(node));
            if (component.size() > 1) {
                components.put(component.first(), component);
            }
        }
    }
}
